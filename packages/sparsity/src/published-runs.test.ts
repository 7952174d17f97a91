import { describe, expect, it } from 'vitest';
import { type ConvolutionWeights, type InduceParameter, induceSchedule, sparsify, sparsityTable } from './index.ts';
import { randomFrom } from './testing/random.ts';

type Layer = [name: string, outputs: number, inputs: number, kernel: number, group: number];

const trunk: Layer[] = [
  ['conv1a', 32, 3, 5, 1],
  ['conv1b', 32, 32, 3, 4],
  ['res2a_branch2a', 64, 32, 3, 1],
  ['res2a_branch2b', 64, 64, 3, 4],
  ['res3a_branch2a', 128, 64, 3, 1],
  ['res3a_branch2b', 128, 128, 3, 4],
  ['res4a_branch2a', 256, 128, 3, 1],
  ['res4a_branch2b', 256, 256, 3, 4],
  ['res5a_branch2a', 512, 256, 3, 1],
  ['res5a_branch2b', 512, 512, 3, 4],
];
const jsegnet: Layer[] = [
  ...trunk,
  ['out5a', 64, 512, 3, 2],
  ['out3a', 64, 128, 3, 2],
  ...[1, 2, 3, 4].map((i): Layer => [`ctx_conv${i}`, 64, 64, 3, 1]),
  ['ctx_final', 8, 64, 3, 1],
];
const heads = [128, 512, 512, 512, 512, 512].map((inputs, i): Layer => [`ctx_output${i + 1}`, 256, inputs, 1, 1]);
const boxes = [4, 6, 6, 6, 4, 4].flatMap((priors, i): Layer[] => [
  [`head${i + 1}_loc`, 4 * priors, 256, 3, 1],
  [`head${i + 1}_conf`, 21 * priors, 256, 3, 1],
]);
const jdetnet: Layer[] = [...trunk, ...heads, ...boxes];

/**
 * Weights as training leaves them: most under a fifth of the channel's largest, so that the caps do not bind. Of the
 * sixth head of JDetNet, whose map is 1×1, eight of nine taps have decayed to almost nothing.
 */
function weightsOf(layers: readonly Layer[]): ConvolutionWeights[] {
  const { uniform } = randomFrom(17);
  return layers.map(([layer, outputs, inputs, kernel, group]) => {
    const shape = [outputs, inputs / group, kernel, kernel];
    const taps = kernel * kernel;
    const values = Float32Array.from({ length: (outputs * inputs * taps) / group }, (_, i) => {
      const u = uniform();
      const magnitude = u < 0.95 ? u * 0.19 : 0.19 + (u - 0.95) * 16.2;
      const faded = layer.startsWith('head6') && i % taps !== 4;
      return (uniform() < 0.5 ? -magnitude : magnitude) * (faded ? 1e-9 : 0.9);
    });
    return { layer, paramName: '0', shape, group, counted: true, values };
  });
}

interface Event {
  iter: number;
  factor: number;
  achieved: number;
}

/** The events of a whole run, and the total sparsity after the last one. */
function simulate(layers: readonly Layer[], parameter: InduceParameter, maxIter: number) {
  const convolutions = weightsOf(layers);
  const schedule = induceSchedule(parameter);
  let { initial: state } = schedule;
  const events: Event[] = [];
  const totals: number[] = [];
  for (let iter = 0; iter <= maxIter; iter++) {
    if (!schedule.isDue(iter)) continue;
    const { sparsity: achieved } = sparsityTable(convolutions); // between events nothing moves: zeros are the masks'
    const next = schedule.next(state, { iter, achieved });
    state = next.state;
    if (next.event === undefined) continue;
    events.push({ iter, factor: Math.round(next.event.factor * 1000) / 1000, achieved });
    for (const convolution of convolutions) sparsify(convolution, next.event.fractions);
    if (totals.length < 2) totals.push(sparsityTable(convolutions).zeros);
  }
  return { events, totals, table: sparsityTable(convolutions) };
}

const ramp = (from: number, step: number, count: number, start: number, add: number) =>
  Array.from({ length: count }, (_, i) => [from + step * i, Math.round((start + add * i) * 1000) / 1000]);

describe('event sequences of the published runs', { timeout: 180_000 }, () => {
  it('CIFAR-10: 4000 (0) to 45000 (0.82), stopped by the target', () => {
    const parameter = { target: 0.8, startIter: 4000, startFactor: 0, stepIter: 1000, stepFactor: 0.02 };
    const { events, totals, table } = simulate(trunk, parameter, 64000);
    expect(table.count).toBe(2354784);
    expect(events.map(({ iter, factor }) => [iter, factor])).toEqual(ramp(4000, 1000, 42, 0, 0.02));
    expect(totals[0]).toBe(0);
    expect(Math.abs(totals[1]! / 46499 - 1)).toBeLessThan(0.005); // published at 5000
    expect(events.at(-1)!.achieved).toBeLessThan(0.8);
    expect(table.sparsity).toBeGreaterThanOrEqual(0.8);
  });

  it('ImageNet: 20000 (0) to 101000 (0.81), stopped by the target', () => {
    const parameter = { target: 0.8, startIter: 20000, startFactor: 0, stepIter: 1000, stepFactor: 0.01 };
    const { events, totals, table } = simulate(trunk, parameter, 160000);
    expect(events.map(({ iter, factor }) => [iter, factor])).toEqual(ramp(20000, 1000, 82, 0, 0.01));
    expect(Math.abs(totals[1]! / 22558 - 1)).toBeLessThan(0.005); // published at 21000
    expect(table.sparsity).toBeCloseTo(0.808, 2);
  });

  it('Cityscapes: 1000 (0.6) to 22000 (0.81), stopped by the target', () => {
    const parameter = { target: 0.8, startIter: 1000, startFactor: 0.6, stepIter: 1000, stepFactor: 0.01 };
    const { events, table } = simulate(jsegnet, parameter, 60000);
    expect(Math.round(table.count / 10)).toBe(269117);
    expect(events.map(({ iter, factor }) => [iter, factor])).toEqual(ramp(1000, 1000, 22, 0.6, 0.01));
    expect(events[0]!.achieved).toBe(0);
    expect(events[1]!.achieved).toBeCloseTo(0.598157, 2);
    expect(events.at(-1)!.achieved).toBeCloseTo(0.796986, 2);
  });

  it('JDetNet: 0 (0.25) to 22000 (0.80), stopped by the limit of the factor', () => {
    const parameter = { target: 0.7, startIter: 0, startFactor: 0.25, stepIter: 2000, stepFactor: 0.05 };
    const { events, table } = simulate(jdetnet, parameter, 120000);
    expect(table.count).toBe(4770912);
    // One event earlier than in the log, which an older build wrote that counted up first.
    expect(events.map(({ iter, factor }) => [iter, factor])).toEqual(ramp(0, 2000, 12, 0.25, 0.05));
    expect(table.sparsity).toBeLessThan(0.7);
    const zeros = (name: string) => table.rows.find((row) => row.name === `${name}_param_0`)!;
    expect(zeros('head6_conf').zeros + zeros('head6_loc').zeros + zeros('ctx_output1').zeros).toBe(0);
    expect(zeros('head1_loc').zeros / zeros('head1_loc').count).toBeCloseTo(0.4, 2);
    expect(zeros('head1_conf').zeros / zeros('head1_conf').count).toBeCloseTo(0.8, 2);
  });
});
