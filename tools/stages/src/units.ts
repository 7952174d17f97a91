/** Numbers as people read them. */
export const percentText = (share: number | undefined, digits = 1): string =>
  share === undefined || Number.isNaN(share) ? '-' : `${(100 * share).toFixed(digits)} %`;

/** Bytes in thousands: "36.9 kB", "2.36 MB". */
export function bytesText(bytes: number): string {
  return bytes >= 1e6 ? `${(bytes / 1e6).toFixed(2)} MB` : `${(bytes / 1e3).toFixed(1)} kB`;
}

/** "6.02 M", "14.1 k". */
export function countText(count: number): string {
  const [value, unit] = count >= 1e9 ? [count / 1e9, ' G'] : count >= 1e6 ? [count / 1e6, ' M'] : [count / 1e3, ' k'];
  return count < 1e3 ? String(count) : `${Number(value.toPrecision(3))}${unit}`;
}

/** "8 s", "2 min 5 s", "3 h 20 min". */
export function secondsText(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** A difference of accuracies in points, with its sign. */
export function pointsText(from: number, to: number): string {
  const points = 100 * (to - from);
  return `${points > 0 ? '+' : points < 0 ? '−' : '±'}${Math.abs(points).toFixed(1)} points`;
}
