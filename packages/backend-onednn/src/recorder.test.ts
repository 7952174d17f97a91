import { createCpuBackend, type Repetition, Tensor } from '@jacinto/core-tensor';
import { afterAll, describe, expect, test } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { createOneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();

describe.skipIf(!found.usable)('recorded calls', async () => {
  if (!found.usable) return;
  const backend = await createOneDnnBackend({ found, over: await createCpuBackend({ threads: 1 }) });
  afterAll(() => backend.dispose());
  const channels = 16;
  const shape = [1, channels, 4, 4];

  function tensor(value: number, of = shape): Tensor {
    const made = new Tensor(backend, of);
    made.data.hostWrite().fill(value);
    return made;
  }

  /** x, plain as oneDNN likes it for 3 channels → 3×3 convolution of ones amid zeros → middle → 1×1 → y → average over all → pooled. */
  function chain() {
    const geometry = { stride: [1, 1], pad: [0, 0], dilation: [1, 1], group: 1, bias: true, inference: true };
    const [ones, weights] = [tensor(0, [channels, 3, 3, 3]), tensor(1, [channels, channels, 1, 1])];
    ones.data.hostUpdate().forEach((_, i, all) => {
      if (i % 9 === 4) all[i] = 1;
    });
    const bias = tensor(0, [channels]);
    const [x, middle, y, pooled] = [tensor(1, [1, 3, 4, 4]), tensor(0), tensor(0), tensor(0, [1, channels, 1, 1])];
    const first = backend.convolution({ x: x.spec, w: ones.spec, y: middle.spec, ...geometry, pad: [1, 1] });
    const second = backend.convolution({ x: middle.spec, w: weights.spec, y: y.spec, ...geometry });
    const window = { kernel: [4, 4], stride: [1, 1], pad: [0, 0] } as const;
    const pool = backend.pooling({ method: 'average', x: y.spec, y: pooled.spec, ...window });
    const start = (to = middle): void => first.forward(x.data, ones.data, bias.data, to.data);
    const run = (): void => {
      start();
      second.forward(middle.data, weights.data, bias.data, y.data);
      pool.forward(y.data, pooled.data, undefined);
    };
    const result = (of = pooled): number[] => [...new Set(of.data.hostRead())];
    return { weights, bias, x, middle, y, pooled, start, run, result };
  }

  /** As a net does it: until nothing has to be placed any more. */
  function recorded(run: () => void): Repetition {
    run();
    const repetition = backend.record!(run);
    expect(repetition).toBeDefined();
    return repetition!;
  }

  test('run again on what the host has written since', () => {
    const { x, pooled, run, result } = chain();
    const repetition = recorded(run);
    const before = { ...backend.counters };
    for (const value of [1, 2, 3]) {
      x.data.hostWrite().fill(value);
      const { changes } = pooled.data;
      expect(repetition.run()).toBe(true);
      expect(pooled.data.changes).toBeGreaterThan(changes);
      expect(result()).toEqual([48 * value]);
    }
    expect(backend.counters.primitives - before.primitives).toBe(9);
    expect(backend.counters.handedOver).toBe(before.handedOver);
  });

  test('do nothing where weights or biases have changed', () => {
    const { weights, bias, run, result } = chain();
    for (const [change, expected] of [
      [() => weights.data.hostUpdate().fill(0.5), 24],
      [() => bias.data.hostWrite().fill(1), 33],
      [() => bias.data.release(), 24],
      [() => weights.data.release(), 0],
    ] as const) {
      const repetition = recorded(run);
      const [before] = result();
      change();
      // A bias is read where the host writes it.
      if (repetition.run()) expect(expected).toBe(33);
      else {
        expect(result()).toEqual([before]);
        run();
      }
      expect(result()).toEqual([expected]);
    }
  });

  test('do nothing where memory was freed, and where calls have got other values', () => {
    const { x, middle, y, start, run, result } = chain();
    for (const change of [
      () => middle.data.release(),
      () => y.data.release(),
      () => x.data.release(),
      () => start(tensor(0)),
    ]) {
      x.data.hostWrite().fill(1);
      const repetition = recorded(run);
      change();
      const taken = tensor(9); // may take what was freed
      if (repetition.run()) expect(taken.data.hostRead()[0]).toBe(9);
      x.data.hostWrite().fill(2);
      if (!repetition.run()) run();
      expect(result()).toEqual([96]);
      expect([...new Set(taken.data.hostRead())]).toEqual([9]);
    }
  });

  test('overwrite what somebody has read or changed in between, in any layout', () => {
    const { x, middle, run, result } = chain();
    const by8 = backend.convolution({
      ...{ x: middle.spec, w: { shape: [8, 2, 1, 1], dataType: 'f32' }, y: tensor(0, [1, 8, 4, 4]).spec },
      ...{ stride: [1, 1], pad: [0, 0], dilation: [1, 1], group: 8, bias: false, inference: true },
    });
    const [weights, other] = [tensor(1, [8, 2, 1, 1]), tensor(0, [1, 8, 4, 4])];
    let repetition = recorded(run);
    for (const value of [1, 2, 3, 4]) {
      x.data.hostWrite().fill(value);
      if (!repetition.run()) repetition = recorded(run);
      by8.forward(middle.data, weights.data, undefined, other.data);
      expect(result(other)).toEqual([6 * value]);
      expect(result(middle)).toEqual([3 * value]);
      expect(result()).toEqual([48 * value]);
      middle.data.hostUpdate().fill(7);
    }
  });

  test('are none where anything else ran', () => {
    const { y, middle, start, run } = chain();
    run();
    const fill = backend.fill({ count: y.count });
    expect(backend.record!(() => fill.run(1, y.data))).toBeUndefined();
    expect(backend.record!(start)).toBeDefined();
    expect(backend.record!(() => [start(), start()])).toBeUndefined();
    expect(backend.record!(() => [start(), middle.data.hostRead()])).toBeUndefined();
    const window = { kernel: [2, 2], stride: [2, 2], pad: [0, 0] } as const;
    const [pooled, mask] = [tensor(0, [1, channels, 2, 2]), tensor(0, [1, channels, 2, 2])];
    const pool = backend.pooling({ method: 'max', x: middle.spec, y: pooled.spec, ...window });
    const both = () => [start(), pool.forward(middle.data, pooled.data, mask.data)];
    both();
    expect(backend.record!(both)).toBeUndefined();
    expect(() =>
      backend.record!(() => {
        throw new Error('of a layer');
      }),
    ).toThrow('of a layer');
    start();
    expect(backend.record!(() => {})!.run()).toBe(true);
  });
});
