import { readFileSync } from 'node:fs';
import { create } from '@jacinto/proto';
import { readSolverFile } from '@jacinto/proto/node';
import { describe, expect, it } from 'vitest';
import { sparsityLog } from './events.ts';
import { cubicSchedule, type InduceEvent, induceParameter, induceSchedule, type Schedule } from './schedule.ts';
import { golden, hasGolden, withoutPrefix } from './testing/shared.ts';

/** All events of a run; `achieved` tells the share of masked weights at an iteration. */
function eventsOf(schedule: Schedule, lastIter: number, achieved: (iter: number) => number): InduceEvent[] {
  const events: InduceEvent[] = [];
  let { initial: state } = schedule;
  for (let iter = 0; iter <= lastIter; iter++) {
    if (!schedule.isDue(iter)) continue;
    const next = schedule.next(state, { iter, achieved: achieved(iter) });
    state = next.state;
    if (next.event !== undefined) events.push(next.event);
  }
  return events;
}

const base = { target: 0.8, startFactor: 0, stepFactor: 0.02, startIter: 4000, stepIter: 1000 };

describe('induceSchedule', () => {
  it('has events at multiples of step_iter from start_iter on; the factor grows in float32', () => {
    const events = eventsOf(induceSchedule({ ...base, startIter: 1500, startFactor: 0.1 }), 4000, () => 0);
    expect(events.map(({ iter, factor }) => [iter, factor])).toEqual([
      [2000, Math.fround(0.1)],
      [3000, Math.fround(Math.fround(0.1) + Math.fround(0.02))],
      [4000, Math.fround(Math.fround(Math.fround(0.1) + Math.fround(0.02)) + Math.fround(0.02))],
    ]);
    expect(events[0]!.fractions).toEqual({ low: Math.fround(0.05), mid: Math.fround(0.1), high: Math.fround(0.1) });
    expect(eventsOf(induceSchedule({ ...base, startIter: 0 }), 0, () => 0).length).toBe(1);
  });

  it('stops at the target, takes it up again under it, and never passes min(target + 0.15, 0.95)', () => {
    const achieved = (iter: number) => (iter === 5000 ? 0.8 : 0.1);
    expect(eventsOf(induceSchedule(base), 6000, achieved).map(({ iter }) => iter)).toEqual([4000, 6000]);
    const byLimit = eventsOf(induceSchedule({ ...base, target: 0.5, stepFactor: 0.1, startIter: 0 }), 20000, () => 0);
    expect(byLimit.at(-1)!.factor).toBeCloseTo(0.6, 5);
    const high = eventsOf(induceSchedule({ ...base, target: 1, stepFactor: 0.25, startIter: 0 }), 20000, () => 0);
    expect(high.map(({ factor }) => factor)).toEqual([0, 0.25, 0.5, 0.75]);
    expect(eventsOf(induceSchedule({ ...base, target: 0 }), 20000, () => 0)).toEqual([]);
    expect(eventsOf(induceSchedule(base), 9000, () => Number.NaN)).toEqual([]);
  });

  it('takes the fields and defaults of the solver', () => {
    expect(induceParameter(create('SolverParameter'))).toEqual({
      ...{ target: 0, startFactor: 0, stepFactor: Math.fround(0.01), startIter: 0, stepIter: 1000 },
    });
  });

  it.each([
    [{ target: 1.5 }, 'sparsity_target is 1.5; use 0 to 1; 0 makes no zeros and keeps those there are'],
    [{ target: -0.1 }, 'sparsity_target is -0.1; use 0 to 1; 0 makes no zeros and keeps those there are'],
    [{ target: Number.NaN }, 'sparsity_target is NaN; use 0 to 1; 0 makes no zeros and keeps those there are'],
    [{ stepIter: 0 }, 'sparsity_step_iter is 0; use 1 or more'],
    [{ startFactor: 2 }, 'sparsity_start_factor is 2; use 0 to 1'],
    [{ stepFactor: -1 }, 'sparsity_step_factor is -1; use 0 to 1'],
  ])('%j is a fault', (change, message) => {
    expect(() => induceSchedule({ ...base, ...change })).toThrow(message);
  });
});

describe('cubicSchedule', () => {
  it('is steep at first and reaches the target at the end', () => {
    const schedule = cubicSchedule({ target: 0.8, startIter: 100, endIter: 500, stepIter: 100 });
    expect(eventsOf(schedule, 2000, () => 0).map(({ iter, factor }) => [iter, factor])).toEqual([
      [100, 0],
      [200, Math.fround(0.8 * (1 - 0.75 ** 3))],
      [300, Math.fround(0.7)],
      [400, Math.fround(0.8 * (1 - 0.25 ** 3))],
      [500, Math.fround(0.8)],
    ]);
    const uneven = cubicSchedule({ start: 0.2, target: 0.6, startIter: 0, endIter: 250, stepIter: 100 });
    expect(eventsOf(uneven, 2000, () => 0).map(({ iter }) => iter)).toEqual([0, 100, 200, 300]);
    expect(eventsOf(uneven, 2000, () => 0).at(-1)!.factor).toBe(Math.fround(0.6));
    expect(() => cubicSchedule({ target: 0.5, startIter: 10, endIter: 10, stepIter: 1 })).toThrow(
      'end_iter is 10; use more than start_iter (10)',
    );
  });
});

describe.skipIf(!hasGolden)('event lines of real runs (skipped where ../shared is absent)', () => {
  it.each(['sparse', 'sparse_short', 'sparse_caps', 'sparse_resume', 'freeze'])('%s', (run) => {
    const lines = readFileSync(`${golden}/sparse_train/${run}_train.log`, 'utf8').split('\n').map(withoutPrefix);
    const expected = lines.filter((line) => line.includes('Finding and applying'));
    const achieved = new Map(
      expected.map((line) => [Number(/iter=(\d+)/.exec(line)![1]), Number(/achieved=([\d.e-]+)/.exec(line)![1])]),
    );
    const param = readSolverFile(`${golden}/sparse_train/${run}_solver.prototxt`);
    const last = Math.max(0, ...achieved.values());
    const schedule = induceSchedule(induceParameter(param));
    const first = run === 'sparse_resume' ? 31 : 0; // it goes on at iteration 30, with a new factor
    const events = eventsOf(schedule, param.maxIter!, (iter) => (iter < first ? 1 : (achieved.get(iter) ?? last)));
    const found = events.map(
      ({ iter, factor, achieved: share }) =>
        sparsityLog({ type: 'finding', iter, target: Math.fround(param.sparsityTarget), factor, achieved: share })[0]!,
    );
    expect(found.map(({ severity, source, text }) => `${severity} ${source}] ${text}`)).toEqual(expected);
  });
});
