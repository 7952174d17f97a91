import { has, LossParameter } from '@jacinto/proto';

const { FULL, VALID, BATCH_SIZE, NONE } = LossParameter.NormalizationMode;

/** loss_param.normalization, or what the old `normalize` means: true (VALID) or false (BATCH_SIZE). */
export function normalizationMode(param: LossParameter): number {
  if (!has(param, 'normalization') && has(param, 'normalize')) return param.normalize ? VALID : BATCH_SIZE;
  return param.normalization;
}

/**
 * What a loss over outer × inner positions is divided by, 1 at least: FULL all positions, VALID those not ignored,
 * BATCH_SIZE `outer`, NONE 1.
 */
export function lossNormalizer(
  mode: number,
  { outer, inner, valid }: { outer: number; inner: number; valid: number },
): number {
  const divisors: Record<number, number> = { [FULL]: outer * inner, [VALID]: valid, [BATCH_SIZE]: outer, [NONE]: 1 };
  return Math.max(1, divisors[mode] ?? valid);
}
