/** `value` to `digits` significant decimal digits, ties to even as C's printf (toExponential rounds them up). */
function significant(value: number, digits: number): [sign: string, digits: string, exponent: number] {
  const split = (text: string): [string, string, number] => {
    const [, sign, first, rest = '', exponent] = /^(-?)(\d)(?:\.(\d+))?e(.*)$/.exec(text)!;
    return [sign!, first! + rest, Number(exponent)];
  };
  const [sign, exact, exponent] = split(value.toExponential(100));
  const isTie = /^50*$/.test(exact.slice(digits));
  if (isTie && Number(exact[digits - 1]) % 2 === 0) return [sign, exact.slice(0, digits), exponent];
  return split(value.toExponential(digits - 1));
}

/** C's `%.{digits}g`. */
function general(value: number, digits: number): string {
  const [sign, all, exponent] = significant(value, digits);
  const kept = all.replace(/0+$/, '') || '0';
  if (exponent < -4 || exponent >= digits) {
    const size = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${kept[0]}${kept.length > 1 ? `.${kept.slice(1)}` : ''}e${exponent < 0 ? '-' : '+'}${size}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${kept}`;
  const whole = kept.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = kept.slice(exponent + 1);
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return 'nan';
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  if (value === Number.NEGATIVE_INFINITY) return '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  return undefined;
}

const SMALLEST_NORMAL = 2 ** -126;

/**
 * A float as protobuf prints it: 6 significant digits, or 9 where 6 do not give it back (and for denormal floats, which
 * C's strtof reports as out of range).
 */
export function floatText(value: number): string {
  const float = Math.fround(value);
  const fixed = special(float);
  if (fixed !== undefined) return fixed;
  const short = general(float, 6);
  const isExact = Math.fround(Number(short)) === float && Math.abs(float) >= SMALLEST_NORMAL;
  return isExact ? short : general(float, 9);
}

/** A double as protobuf prints it: 15 significant digits, or 17 where 15 do not give it back. */
export function doubleText(value: number): string {
  const fixed = special(value);
  if (fixed !== undefined) return fixed;
  const short = general(value, 15);
  return Number(short) === value ? short : general(value, 17);
}
