import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { Tensor } from '../tensor.ts';
import { createCpuBackend } from './cpu-backend.ts';

// Kept weights would show as results of weights that are no longer there.
describe.each([
  { name: 'Winograd', channels: 16, kernel: 3 },
  { name: 'direct', channels: 4, kernel: 5 },
])('packed weights: $name', ({ channels, kernel }) => {
  let cpu: Backend;
  let reference: Backend;
  beforeAll(async () => {
    cpu = await createCpuBackend({ threads: 2 });
    reference = createReferenceBackend();
  });
  afterAll(async () => {
    await cpu.dispose();
    await reference.dispose();
  });

  function prepare(backend: Backend) {
    const x = new Tensor(backend, [1, channels, 16, 16]);
    const w = new Tensor(backend, [channels, channels, kernel, kernel]);
    const y = new Tensor(backend, x.shape);
    fill(x, 1);
    const pad = (kernel - 1) / 2;
    const operation = backend.convolution({
      ...{ x: x.spec, w: w.spec, y: y.spec, stride: [1, 1], pad: [pad, pad], dilation: [1, 1], group: 1, bias: false },
    });
    return { backend, x, w, y, forward: (weights = w) => operation.forward(x.data, weights.data, undefined, y.data) };
  }
  const fill = (tensor: Tensor, seed: number): void =>
    void tensor.data.hostWrite().forEach((_, i, all) => {
      all[i] = ((i * 7 + seed * 13) % 11) - 5;
    });

  it('follow every change of the weights', () => {
    const subjects = [prepare(cpu), prepare(reference)];
    const others = subjects.map(({ backend, w }) => new Tensor(backend, w.shape));
    const steps: [string, (i: number) => void][] = [
      ['first values', (i) => fill(subjects[i]!.w, 2)],
      ['the same', () => {}],
      ['the same again', () => {}],
      ['host write', (i) => fill(subjects[i]!.w, 3)],
      [
        'host update',
        (i) => {
          subjects[i]!.w.data.hostUpdate()[7] = 9;
        },
      ],
      [
        'solver update',
        (i) => {
          const { backend, w } = subjects[i]!;
          const [diff, history] = [new Tensor(backend, w.shape), new Tensor(backend, w.shape)];
          fill(diff, 4);
          const rates = { gradientFactor: 1, momentum: 0.5, momentum2: 0, rmsDecay: 0, delta: 1, correction: 1 };
          const update = backend.solverUpdate({ rule: 'sgd', counts: [w.count], regularization: 'L2' });
          const parameter = { weights: w.data, diff: diff.data, history: [history.data], rate: 1, decay: 0 };
          update.run([parameter], rates, { clear: true });
        },
      ],
      [
        'a kernel',
        (i) => {
          const { backend, w } = subjects[i]!;
          backend.fill({ count: w.count }).run(2, w.data);
        },
      ],
      [
        'new memory',
        (i) => {
          subjects[i]!.w.data.release();
          fill(subjects[i]!.w, 6);
        },
      ],
    ];
    for (const [name, step] of steps) {
      subjects.forEach(({ forward }, i) => {
        step(i);
        for (let run = 0; run < 3; run++) forward();
      });
      const [actual, expected] = subjects.map(({ y }) => [...y.data.hostRead()]);
      actual!.forEach((value, i) => {
        expect(value, `${name}, value ${i}`).toBeCloseTo(expected![i]!, 2);
      });
    }
    subjects.forEach(({ forward }, i) => {
      fill(others[i]!, 5);
      forward(others[i]!);
    });
    const [actual, expected] = subjects.map(({ y }) => [...y.data.hostRead()]);
    actual!.forEach((value, i) => {
      expect(value, `other weights, value ${i}`).toBeCloseTo(expected![i]!, 2);
    });
  });
});
