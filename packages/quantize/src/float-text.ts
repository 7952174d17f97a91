/** A float as a C++ stream prints it: 6 digits, no trailing zeros, an exponent of two digits where it needs one. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [mantissa, exponent] = sixDigits(value).split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return withoutZeros(Number(`${mantissa}e${exponent}`).toFixed(5 - power));
  return `${withoutZeros(mantissa)}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

const withoutZeros = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** "d.ddddde±x"; what lies exactly between two goes to the even last digit, as in C. */
function sixDigits(value: number): string {
  const [digits, exponent] = value.toExponential(40).split('e') as [string, string];
  const [, kept, rest] = /^(-?\d\.\d{5})(\d*)$/.exec(digits) as unknown as [string, string, string];
  const isTie = /^50*$/.test(rest);
  return isTie && Number(kept.at(-1)) % 2 === 0 ? `${kept}e${exponent}` : value.toExponential(5);
}
