/** Layer-wise adaptive rates (NVCaffe: SGDSolver::GetLocalRate with larc): the norms of a parameter and its gradient. */
export interface LarcNorms {
  weights: number;
  /** Of the gradient as it is applied (averaged over iter_size, unscaled), before regularisation. */
  gradient: number;
}

/**
 * The rate of one parameter. The local factor eta·‖w‖/‖g‖ (1 where a norm is 0) takes the place of lr_mult; only an
 * lr_mult of 0 still stops the parameter. Policy "scale": rate times the factor; "clip": the smaller of the two.
 */
export function larcRate(
  { policy, eta }: { policy: string; eta: number },
  rate: number,
  lrMult: number,
  { weights, gradient }: LarcNorms,
): number {
  if (!(lrMult > 0)) return 0;
  const local = weights > 0 && gradient > 0 ? (eta * weights) / gradient : 1;
  return policy === 'clip' ? Math.min(rate, local) : rate * local;
}
