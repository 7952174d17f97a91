import { CaffeError } from '@jacinto/proto/errors';

/** The widest code whose every value a float32 holds exactly. */
const widest = 24;

/** @throws CaffeError 'bad-value' where `bits` is no whole number from 1 to 24. */
export function checkBitwidth(field: string, bits: number): void {
  if (Number.isInteger(bits) && bits >= 1 && bits <= widest) return;
  throw new CaffeError({
    code: 'bad-value',
    field,
    problem: `is ${bits}`,
    fix: `use 1 to 16 (up to ${widest} for a bias)`,
  });
}

/** Least and greatest code: 0 to 2^bits − 1 unsigned, −2^(bits−1) to 2^(bits−1) − 1 signed. */
export function codeLimits(bits: number, unsigned: boolean): [low: number, high: number] {
  const half = 2 ** (unsigned ? bits : bits - 1);
  return [unsigned ? 0 : -half, half - 1];
}
