import type { SolverParameter } from '@jacinto/proto';
import { advance, learningRate, type SchedulePoint } from './learning-rate.ts';
import { momentumAt } from './momentum.ts';
import type { SolverType } from './update-rules.ts';
import { weightDecayAt } from './weight-decay.ts';

/** What one iteration updates with, before lr_mult and decay_mult. */
export interface IterationRates {
  rate: number;
  momentum: number;
  weightDecay: number;
  /** Drops of the rate so far; pass it on to the next iteration. */
  step: number;
}

/** The rates of an iteration; `step` is what the iteration before gave. Call it once an iteration. */
export function iterationRates(p: SolverParameter, type: SolverType, before: SchedulePoint): IterationRates {
  const point = advance(p, before);
  const rate = learningRate(p, point);
  const momentum = type.momentumPolicy ? momentumAt(p, point.iter, rate) : (p.momentum ?? 0);
  return { rate, momentum, weightDecay: weightDecayAt(p, point.iter), step: point.step };
}
