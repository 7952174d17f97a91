/** A number as C++ streams print it (printf's %g): `digits` significant ones, no trailing zeros, exponent of two digits. */
export function formatG(value: number, digits = 6): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const sign = value < 0 ? '-' : '';
  const { figures, exponent } = rounded(Math.abs(value), digits);
  const kept = figures.replace(/0+$/, '');
  if (exponent < -4 || exponent >= digits) {
    const mantissa = kept.length > 1 ? `${kept[0]}.${kept.slice(1)}` : kept;
    return `${sign}${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${kept}`;
  const whole = kept.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const rest = kept.slice(exponent + 1);
  return `${sign}${whole}${rest === '' ? '' : `.${rest}`}`;
}

/** The first `digits` figures and the decimal exponent. Ties go to the even figure, as in C; toPrecision rounds them up. */
function rounded(value: number, digits: number): { figures: string; exponent: number } {
  const [up, power] = value.toExponential(digits - 1).split('e') as [string, string];
  const [exact, exactPower] = value.toExponential(60).split('e') as [string, string];
  const all = exact.replace('.', '');
  const isTie = /^50*$/.test(all.slice(digits));
  const isEven = Number(all[digits - 1]) % 2 === 0;
  if (isTie && isEven) return { figures: all.slice(0, digits), exponent: Number(exactPower) };
  return { figures: up.replace('.', ''), exponent: Number(power) };
}
