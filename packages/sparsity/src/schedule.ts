import { CaffeError, type SolverParameter } from '@jacinto/proto';
import { type Fractions, fractionsOf } from './convolution.ts';

const { fround } = Math;

/** How zeros are made while training; names as in the solver, without `sparsity_`. */
export interface InduceParameter {
  /** Share of masked weights at which to stop; 0: none are made, those that are there stay. */
  target: number;
  /** The factor (fraction of zeros aimed at) of the first event, and what each event adds to it. */
  startFactor: number;
  stepFactor: number;
  /** No event before `startIter`; then at multiples of `stepIter`. */
  startIter: number;
  stepIter: number;
}

/** What a schedule remembers between iterations; plain JSON. */
export interface ScheduleState {
  /** Factor of the next event, a float32. */
  factor: number;
}

export interface ScheduleFacts {
  iter: number;
  /** Share of weights that are masked now; NaN where no layer counts. */
  achieved: number;
}

/** Zeros are to be made now. */
export interface InduceEvent extends ScheduleFacts {
  factor: number;
  fractions: Fractions;
}

/** When and how far zeros are made: functions from state to state. */
export interface Schedule {
  readonly initial: ScheduleState;
  /** Whether `next` needs to be asked at an iteration (finding out what is achieved costs time). */
  isDue(iter: number): boolean;
  next(state: ScheduleState, facts: ScheduleFacts): { state: ScheduleState; event?: InduceEvent };
}

/** The fields of a solver. */
export function induceParameter(p: SolverParameter): InduceParameter {
  return {
    target: p.sparsityTarget,
    startFactor: p.sparsityStartFactor,
    stepFactor: p.sparsityStepFactor,
    startIter: p.sparsityStartIter,
    stepIter: p.sparsityStepIter,
  };
}

/**
 * The original's schedule (caffe-jacinto 0.17: Solver::ThresholdNet): an event at each multiple of step_iter from
 * start_iter on, iteration 0 included, as long as less than `target` is achieved and the factor has not passed
 * min(target + 0.15, 0.95); the factor grows in float32. @throws CaffeError for values out of range.
 */
export function induceSchedule(given: InduceParameter): Schedule {
  checkInduce(given);
  const target = fround(given.target);
  const limit = fround(Math.min(target + 0.15, 0.95));
  const stepFactor = fround(given.stepFactor);
  const isDue = (iter: number): boolean => target > 0 && iter >= given.startIter && iter % given.stepIter === 0;
  return {
    initial: { factor: fround(given.startFactor) },
    isDue,
    next(state, facts) {
      const { factor } = state;
      if (!isDue(facts.iter) || !(factor <= limit && fround(facts.achieved) < target)) return { state };
      return {
        state: { factor: fround(factor + stepFactor) },
        event: { ...facts, factor, fractions: fractionsOf(factor) },
      };
    },
  };
}

export interface CubicParameter {
  /** Fraction of zeros at startIter and at endIter. */
  start?: number;
  target: number;
  startIter: number;
  endIter: number;
  stepIter: number;
}

/**
 * A ramp that is steep at first and flat at the end: target + (start − target)·(1 − progress)³ (Zhu & Gupta 2017, "To
 * prune, or not to prune"). The last event is the first at or after endIter.
 */
export function cubicSchedule({ start = 0, target, startIter, endIter, stepIter }: CubicParameter): Schedule {
  checkInduce({ target, startFactor: start, stepFactor: 0, startIter, stepIter });
  if (!(endIter > startIter)) throw fault('end_iter', endIter, `use more than start_iter (${startIter})`);
  const factorAt = (iter: number): number => {
    const left = 1 - Math.min(1, (iter - startIter) / (endIter - startIter));
    return fround(target + (start - target) * left ** 3);
  };
  const isDue = (iter: number): boolean => iter >= startIter && iter % stepIter === 0 && iter < endIter + stepIter;
  return {
    initial: { factor: fround(start) },
    isDue,
    next(state, facts) {
      if (!isDue(facts.iter) || target <= 0) return { state };
      const factor = factorAt(facts.iter);
      return {
        state: { factor: factorAt(facts.iter + stepIter) },
        event: { ...facts, factor, fractions: fractionsOf(factor) },
      };
    },
  };
}

/** @throws CaffeError naming the solver's field. */
function checkInduce({ target, startFactor, stepFactor, startIter, stepIter }: InduceParameter): void {
  const isShare = (value: number): boolean => value >= 0 && value <= 1;
  if (!isShare(target))
    throw fault('sparsity_target', target, 'use 0 to 1; 0 makes no zeros and keeps those there are');
  if (!isShare(startFactor)) throw fault('sparsity_start_factor', startFactor, 'use 0 to 1');
  if (!isShare(stepFactor)) throw fault('sparsity_step_factor', stepFactor, 'use 0 to 1');
  if (!(Number.isInteger(stepIter) && stepIter >= 1)) throw fault('sparsity_step_iter', stepIter, 'use 1 or more');
  if (!Number.isInteger(startIter)) throw fault('sparsity_start_iter', startIter, 'use a whole number');
}

function fault(field: string, value: number, fix: string): CaffeError {
  return new CaffeError({ code: 'bad-value', field, problem: `is ${value}`, fix });
}
