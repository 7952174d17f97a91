import type { SolverParameter } from '@jacinto/proto';
import { progress } from './learning-rate.ts';
import type { ScheduleParameter } from './schedule-parameter.ts';

export type WeightDecayParameter = ScheduleParameter &
  Pick<SolverParameter, 'weightDecay' | 'weightDecayPolicy' | 'weightDecayPower'>;

/**
 * Weight decay at an iteration, before decay_mult (NVCaffe: SGDSolver::GetWeightDecay). Policy poly grows from 0 to
 * weight_decay by max_iter; every other word means fixed, as in NVCaffe. (NVCaffe's CPU path ignores the policy, its
 * GPU path follows it; here it is always followed.)
 */
export function weightDecayAt(p: WeightDecayParameter, iter: number): number {
  const full = p.weightDecay ?? 0;
  return Math.fround(p.weightDecayPolicy === 'poly' ? full * progress(p, iter) ** p.weightDecayPower : full);
}
