import { floatText } from '@jacinto/proto';
import { CaffeError, unknownName } from '@jacinto/proto/errors';
import type { ScheduleParameter } from './schedule-parameter.ts';

/** Where training stands on its schedule. Iterations count from 0; `step` counts the drops of the rate so far. */
export interface SchedulePoint {
  iter: number;
  step: number;
}

type Policy = (p: ScheduleParameter, at: SchedulePoint) => number;

/** Learning-rate policies (Caffe: SGDSolver::GetLearningRate). Fields that are absent count as 0, as in Caffe. */
const policies: Readonly<Record<string, Policy>> = {
  fixed: (p) => baseRate(p),
  step: (p, { step }) => baseRate(p) * (p.gamma ?? 0) ** step,
  exp: (p, { iter }) => baseRate(p) * (p.gamma ?? 0) ** iter,
  inv: (p, { iter }) => baseRate(p) * (1 + (p.gamma ?? 0) * iter) ** -(p.power ?? 0),
  multistep: (p, { step }) => baseRate(p) * (p.gamma ?? 0) ** step,
  poly: (p, { iter }) => p.minLr + (baseRate(p) - p.minLr) * (1 - progress(p, iter)) ** (p.power ?? 0),
  sigmoid: (p, { iter }) => baseRate(p) / (1 + Math.exp(-(p.gamma ?? 0) * (iter - (p.stepsize ?? 0)))),
};

export const learningRatePolicies: readonly string[] = Object.keys(policies);

/** The point at `iter`. `multistep` passes at most one stepvalue a call, `step` counts whole steps, as Caffe does. */
export function advance(p: ScheduleParameter, { iter, step }: SchedulePoint): SchedulePoint {
  if (p.lrPolicy === 'step') return { iter, step: Math.floor(iter / stepSize(p)) };
  const next = p.lrPolicy === 'multistep' ? p.stepvalue[step] : undefined;
  return { iter, step: next !== undefined && iter >= next ? step + 1 : step };
}

/**
 * The rate at a point, never below min_lr. The first `rampup_interval` iterations climb from `rampup_lr` to `base_lr`
 * by the square of the way; this does not shift the decay that follows.
 * @throws CaffeError 'unknown-name' for an unknown lr_policy, 'missing' without lr_policy or base_lr.
 */
export function learningRate(p: ScheduleParameter, at: SchedulePoint): number {
  const policy = policyOf(p);
  const ramp = at.iter / p.rampupInterval; // rampup_interval 0: NaN or infinite, no ramp
  const rate = ramp < 1 ? p.rampupLr + (baseRate(p) - p.rampupLr) * ramp * ramp : policy(p, at);
  return Math.fround(Math.max(rate, p.minLr));
}

/** Refuses a schedule that would fail later. @throws CaffeError naming the field. */
export function checkSchedule(p: ScheduleParameter): void {
  policyOf(p);
  const base = baseRate(p);
  if (p.lrPolicy === 'step') stepSize(p);
  if (p.lrPolicy === 'poly' && base < p.minLr) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'min_lr',
      problem: `is ${floatText(p.minLr)}, above base_lr (${floatText(base)}); policy poly falls from base_lr to min_lr`,
      fix: `use at most ${floatText(base)}`,
    });
  }
}

/** The part of max_iter that is done, 0 to 1. */
export function progress(p: ScheduleParameter, iter: number): number {
  return Math.min(1, iter / Math.max(p.maxIter ?? 0, 1));
}

function policyOf(p: ScheduleParameter): Policy {
  if (p.lrPolicy === undefined) {
    throw new CaffeError({
      code: 'missing',
      field: 'lr_policy',
      problem: 'is missing',
      fix: `use one of ${learningRatePolicies.join(', ')}`,
    });
  }
  if (!Object.hasOwn(policies, p.lrPolicy)) throw unknownName('lr_policy', p.lrPolicy, learningRatePolicies);
  return policies[p.lrPolicy]!;
}

function baseRate(p: ScheduleParameter): number {
  if (p.baseLr === undefined) {
    throw new CaffeError({
      code: 'missing',
      field: 'base_lr',
      problem: 'is missing',
      fix: 'for example base_lr: 0.01',
    });
  }
  return p.baseLr;
}

function stepSize(p: ScheduleParameter): number {
  const size = p.stepsize ?? 0;
  if (size < 1) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'stepsize',
      problem: `is ${size}, but policy "step" divides by it`,
      fix: 'use the number of iterations between two drops, 1 at least',
    });
  }
  return size;
}
