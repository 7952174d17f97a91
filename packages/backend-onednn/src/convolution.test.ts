import { type Backend, createCpuBackend, Tensor } from '@jacinto/core-tensor';
import { closeTo, seededRandom } from '@jacinto/core-tensor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { algorithm, propagation } from './c-api-2.ts';
import type { Context } from './context.ts';
import { findOneDnn } from './find-library.ts';
import { assembleOneDnn, type OneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();

/** All passes of a 3×3 convolution of groups, gradients added to what is there. */
function grouped(backend: Backend, batch: number, channels: number, group: number) {
  const random = seededRandom(11);
  const tensor = (...shape: number[]): Tensor => {
    const made = new Tensor(backend, shape);
    for (const values of [made.data.hostWrite(), made.diff.hostWrite()]) {
      for (let i = 0; i < values.length; i++) values[i] = random.gaussian();
    }
    return made;
  };
  const [x, w, b, y] = [
    tensor(batch, channels, 17, 16),
    tensor(channels, channels / group, 3, 3),
    tensor(channels),
    tensor(batch, channels, 17, 16),
  ];
  const geometry = { stride: [1, 1], pad: [1, 1], dilation: [1, 1], group, bias: true };
  const convolution = backend.convolution({ x: x.spec, w: w.spec, y: y.spec, ...geometry });
  convolution.forward(x.data, w.data, b.data, y.data);
  convolution.backwardWeights(x.data, y.diff, w.diff, b.diff, { accumulate: true });
  convolution.backwardData(y.diff, w.data, x.diff);
  return { y: y.data, dx: x.diff, dw: w.diff, db: b.diff };
}

/** Whether oneDNN takes Winograd's algorithm for one group of these: not without AVX-512. */
function isByWinograd(context: Context, batch: number, channels: number, group: number): boolean {
  const { api } = context;
  const each = channels / group;
  const [x, w] = [api.anyDesc([batch, each, 17, 16]), api.anyDesc([each, each, 3, 3])];
  const geometry = { stride: [1, 1], padBegin: [1, 1], padEnd: [1, 1], dilation: [0, 0] };
  const primitive = context.primitive('of one group', () =>
    context.describe(
      api.convolutionForward(propagation.training, algorithm.convolutionAuto, {
        ...{ src: x, weights: w, bias: undefined, dst: x, ...geometry },
      }),
    ),
  );
  return primitive!.implementation.includes('wino');
}

describe.skipIf(!found.usable)(`convolution (${found.usable ? found.version : `skipped: ${found.reason}`})`, () => {
  let backend: OneDnnBackend;
  let context: Context;
  let cpu: Backend;
  beforeAll(async () => {
    if (!found.usable) return;
    cpu = await createCpuBackend({ threads: 2 });
    ({ backend, context } = assembleOneDnn(found, { over: await createCpuBackend({ threads: 2 }) }));
  });
  afterAll(() => Promise.all([backend.dispose(), cpu.dispose()]));

  it('of groups, one by one by Winograd where that is faster', () => {
    const before = backend.counters.primitives;
    const ours = grouped(backend, 32, 64, 2);
    expect(backend.counters.primitives - before).toBe(isByWinograd(context, 32, 64, 2) ? 3 * 2 : 3);
    const theirs = grouped(cpu, 32, 64, 2);
    for (const name of ['y', 'dx', 'dw', 'db'] as const) {
      closeTo(ours[name].hostRead(), theirs[name].hostRead(), 1e-5, name);
    }
  });

  it.each([
    [1, 64, 14, 1],
    [1, 32, 7, 1],
    [2, 48, 9, 1],
    [16, 128, 9, 4],
    [1, 64, 14, 2],
  ])(
    'for inference: %i pictures of %i channels, size %i, %i groups, weights that change',
    (batch, channels, size, group) => {
      const run = (on: Backend, inference: boolean) => {
        const random = seededRandom(5);
        const [x, w, b, y] = [
          [batch, channels, size, size],
          [64, channels / group, 3, 3],
          [64],
          [batch, 64, size, size],
        ].map((shape) => new Tensor(on, shape)) as [Tensor, Tensor, Tensor, Tensor];
        const fill = ({ data }: Tensor): void => {
          const values = data.hostWrite();
          for (let i = 0; i < values.length; i++) values[i] = random.gaussian();
        };
        const geometry = { stride: [1, 1], pad: [1, 1], dilation: [1, 1], group, bias: true, relu: { slope: 0 } };
        const convolution = on.convolution({ x: x.spec, w: w.spec, y: y.spec, ...geometry, inference });
        return [0, 1].map(() => {
          for (const each of [x, w, b]) fill(each);
          convolution.forward(x.data, w.data, b.data, y.data);
          return y.data.hostRead().slice();
        });
      };
      const [ours, theirs] = [run(backend, true), run(cpu, false)];
      for (const pass of [0, 1]) closeTo(ours[pass]!, theirs[pass]!, 1e-5, `pass ${pass}`);
    },
  );
});
