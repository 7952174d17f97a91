import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import type { UnaryName } from '../operations/index.ts';
import { Values } from '../values.ts';
import { createCpuBackend } from './cpu-backend.ts';

// The suite compares relative to an array's largest value; here every value counts by itself.
describe('accuracy of each value (relative error over 20,000 values)', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await createCpuBackend({ threads: 1 });
  });
  afterAll(() => backend.dispose());

  function worst(
    name: UnaryName,
    parameters: Record<string, number>,
    low: number,
    high: number,
    truth: (x: number) => number,
    logarithmic = false,
  ): number {
    const count = 20_000;
    const [x, y] = [new Values(backend, count), new Values(backend, count)];
    const inputs = x.hostWrite();
    for (let i = 0; i < count; i++) {
      const share = i / (count - 1);
      inputs[i] = logarithmic ? low * (high / low) ** share : low + (high - low) * share;
    }
    backend.unary({ name, count, parameters }).forward(x, y);
    let error = 0;
    y.hostRead().forEach((value, i) => {
      const expected = truth(inputs[i]!);
      error = Math.max(error, expected === 0 ? Math.abs(value) : Math.abs(value / expected - 1));
    });
    x.release();
    y.release();
    return error;
  }

  it.each<[UnaryName, Record<string, number>, number, number, (x: number) => number, boolean?]>([
    ['exp', {}, -87, 88.7, Math.exp],
    ['log', {}, 1e-37, 3e38, Math.log, true],
    ['log', {}, 0.5, 2, Math.log],
    ['tanh', {}, -12, 12, Math.tanh],
    ['tanh', {}, 1e-10, 1, Math.tanh, true],
    ['sigmoid', {}, -85, 30, (x) => 1 / (1 + Math.exp(-x))],
    ['bnll', {}, -85, 85, (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))],
    ['elu', {}, -20, 0, Math.expm1],
    ['power', { power: 0.5 }, 1e-37, 3e38, Math.sqrt, true],
    ['power', { power: -0.75 }, 1e-37, 3e38, (x) => x ** -0.75, true],
    ['power', { power: 10.25 }, 0.01, 1000, (x) => x ** 10.25],
    ['power', { power: 3 }, -5, 5.1, (x) => x ** 3],
  ])('%s %o on %d … %d', (name, parameters, low, high, truth, logarithmic) => {
    expect(worst(name, parameters, low, high, truth, logarithmic)).toBeLessThan(5e-7);
  });
});
