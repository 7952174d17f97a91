/** Input pixels an output pixel, with OpenCV's rounding. */
export function scaleOf(input: number, output: number): number {
  return 1 / (output / input);
}

/** The nearest whole number, ties to even (OpenCV's cvRound). */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
