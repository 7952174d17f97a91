import { describe, expect, it } from 'vitest';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { Tensor } from '../tensor.ts';
import { checkGradient, type GradientCheck } from './check-gradient.ts';

const backend = createReferenceBackend();

/** y = f(x) elementwise, with the derivative that backward claims. */
function check(
  values: readonly number[],
  f: (x: number) => number,
  derivative: (x: number) => number,
  options: Partial<GradientCheck> = {},
) {
  const x = new Tensor(backend, [values.length]);
  const y = new Tensor(backend, [values.length]);
  x.data.hostWrite().set(values);
  return checkGradient({
    inputs: [x],
    outputs: [y],
    forward() {
      y.data.hostWrite().set(x.data.hostRead().map(f));
    },
    async backward() {
      const [value, dy] = [x.data.hostRead(), y.diff.hostRead()];
      x.diff.hostUpdate().forEach((old, i, dx) => {
        dx[i] = old + dy[i]! * derivative(value[i]!); // accumulates: the checker must zero it
      });
    },
    ...options,
  });
}

describe('checkGradient', () => {
  it('passes a right gradient in f32 with the usual step and threshold', async () => {
    const result = await check([0.3, -1, 2], Math.sin, Math.cos);
    expect(result.compared).toBe(3);
    expect(result.worst).toBeLessThan(1e-3);
  });

  it('names input, index, gradients, step, threshold and seed of a wrong one', async () => {
    const wrong = check([0.5, 1], Math.sin, (x) => Math.cos(x) + 0.1, { names: ['weights'], seed: 7 });
    await expect(wrong).rejects.toThrow(
      /gradient of weights\[0\] \(value 0\.5\) is -?[\d.]+, numerically -?[\d.]+ \(objective 0, step 0\.01, threshold 0\.001, seed 7\)/,
    );
  });

  it('skips values near a kink', async () => {
    const abs = (options: Partial<GradientCheck>) => check([0.001, 1], Math.abs, Math.sign, options);
    await expect(abs({})).rejects.toThrow('gradient of input 0[0]');
    expect((await abs({ kink: 0 })).compared).toBe(1);
    expect((await abs({ kink: [0, 1], kinkRange: 0.02 })).compared).toBe(0);
  });

  it('takes each output by itself when asked', async () => {
    await check([0.3, -1], Math.sin, Math.cos, { objectives: 'each' });
    await expect(check([0.3, -1], Math.sin, () => 0, { objectives: 'each' })).rejects.toThrow('objective 0');
  });

  it('leaves inputs and outputs as they were', async () => {
    const x = new Tensor(backend, [2]);
    const y = new Tensor(backend, [2]);
    x.data.hostWrite().set([1, 2]);
    await checkGradient({
      inputs: [x],
      outputs: [y],
      forward: () => void y.data.hostWrite().set(x.data.hostRead()),
      backward: () => void x.diff.hostWrite().set(y.diff.hostRead()),
    });
    expect([...x.data.hostRead(), ...y.data.hostRead()]).toEqual([1, 2, 1, 2]);
  });
});
