/** C's `%.{digits}g`. */
function general(value: number, digits: number): string {
  const [mantissa, exponentText] = value.toExponential(digits - 1).split('e') as [string, string];
  const exponent = Number(exponentText);
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent >= -4 && exponent < digits) return trim(value.toFixed(digits - 1 - exponent));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${trim(mantissa)}e${exponent < 0 ? '-' : '+'}${size}`;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return undefined;
}

/** A float as protobuf prints it: 6 significant digits, or 9 where 6 do not give it back. */
export function floatText(value: number): string {
  const float = Math.fround(value);
  const fixed = special(float);
  if (fixed !== undefined) return fixed;
  const short = general(float, 6);
  return Math.fround(Number(short)) === float ? short : general(float, 9);
}

/** A double as protobuf prints it: 15 significant digits, or 17 where 15 do not give it back. */
export function doubleText(value: number): string {
  const fixed = special(value);
  if (fixed !== undefined) return fixed;
  const short = general(value, 15);
  return Number(short) === value ? short : general(value, 17);
}
