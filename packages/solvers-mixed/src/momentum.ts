import type { SolverParameter } from '@jacinto/proto';
import { unknownName } from '@jacinto/proto/errors';
import { progress } from './learning-rate.ts';
import type { ScheduleParameter } from './schedule-parameter.ts';

export type MomentumParameter = ScheduleParameter &
  Pick<SolverParameter, 'momentum' | 'momentumPolicy' | 'maxMomentum' | 'momentumPower'>;

const policies: Readonly<Record<string, (p: MomentumParameter, iter: number, rate: number) => number>> = {
  fixed: (p) => p.momentum ?? 0,
  poly: (p, iter) => {
    const low = p.momentum ?? 0;
    return low + (p.maxMomentum - low) * progress(p, iter) ** p.momentumPower;
  },
  opt: (p, _iter, rate) => {
    const best = (1 - 0.5 * Math.sqrt(rate)) ** 2;
    return Object.hasOwn(p, 'maxMomentum') ? Math.min(p.maxMomentum, best) : best;
  },
};

/**
 * Momentum of SGD at an iteration with learning rate `rate` (NVCaffe: SGDSolver::GetMomentum). Policies: fixed, poly
 * (from momentum to max_momentum by max_iter), opt ((1 − ½·√rate)², not above max_momentum where that is written).
 * @throws CaffeError 'unknown-name' for another momentum_policy.
 */
export function momentumAt(p: MomentumParameter, iter: number, rate: number): number {
  if (!Object.hasOwn(policies, p.momentumPolicy)) {
    throw unknownName('momentum_policy', p.momentumPolicy, Object.keys(policies));
  }
  return Math.fround(policies[p.momentumPolicy]!(p, iter, rate));
}
