/**
 * A number as C++'s default ostream prints it (printf's %g): 6 significant digits, ties to the even digit, trailing
 * zeros dropped, an exponent of two digits at least below 1e-4 and from 1e6 on.
 */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (size === Number.POSITIVE_INFINITY) return `${sign}inf`;
  if (size === 0) return `${sign}0`;
  const { digits, exponent } = rounded(size);
  if (exponent < -4 || exponent >= digits.length) {
    const power = String(Math.abs(exponent)).padStart(2, '0');
    return `${sign}${withPoint(digits, 1)}e${exponent < 0 ? '-' : '+'}${power}`;
  }
  if (exponent < 0) return `${sign}${withPoint('0'.repeat(-exponent) + digits, 1)}`;
  return sign + withPoint(digits, exponent + 1);
}

/** Six digits and the power of ten of the first. JavaScript rounds ties away from zero, C to even. */
function rounded(size: number): { digits: string; exponent: number } {
  const exact = size.toExponential(100).split('e') as [string, string];
  const all = exact[0].replace('.', '');
  const isTie = /^50*$/.test(all.slice(6)) && Number(all[5]) % 2 === 0;
  const [mantissa, exponent] = (isTie ? [all.slice(0, 6), exact[1]] : size.toExponential(5).split('e')) as [
    string,
    string,
  ];
  return { digits: mantissa.replace('.', ''), exponent: Number(exponent) };
}

function withPoint(digits: string, at: number): string {
  const fraction = digits.slice(at).replace(/0+$/, '');
  return fraction === '' ? digits.slice(0, at) : `${digits.slice(0, at)}.${fraction}`;
}
