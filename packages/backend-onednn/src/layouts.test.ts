import { type Backend, createCpuBackend, Tensor, Values } from '@jacinto/core-tensor';
import { closeTo, createReferenceBackend, seededRandom } from '@jacinto/core-tensor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { assembleOneDnn, type OneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();
const plane = [2, 16, 8, 8];

/** Convolution, batch norm and ReLU in place, 2×2 maximum, convolution; forward and back. */
function chain(backend: Backend) {
  const random = seededRandom(3);
  const tensor = (shape: readonly number[]): Tensor => {
    const made = new Tensor(backend, shape);
    made.data.hostWrite().forEach((_, i, values) => {
      values[i] = random.gaussian();
    });
    return made;
  };
  const half = [2, 16, 4, 4];
  const [x, w1, w2, scale, bias] = [
    tensor(plane),
    tensor([16, 16, 3, 3]),
    tensor([16, 16, 3, 3]),
    tensor([16]),
    tensor([16]),
  ];
  const [a, b, y] = [new Tensor(backend, plane), new Tensor(backend, half), new Tensor(backend, half)];
  const [mean, invStd, stash, mask] = [16, 16, x.count, b.count].map((count) => new Values(backend, count)) as [
    Values,
    Values,
    Values,
    Values,
  ];
  const same = { stride: [1, 1], pad: [1, 1], dilation: [1, 1], group: 1, bias: false };
  const conv1 = backend.convolution({ x: x.spec, w: w1.spec, y: a.spec, ...same });
  const conv2 = backend.convolution({ x: b.spec, w: w2.spec, y: y.spec, ...same });
  const norm = backend.batchNorm({ x: a.spec, eps: 1e-4, scale: true, bias: true });
  const relu = backend.unary({ name: 'relu', count: a.count });
  const pool = backend.pooling({
    ...{ method: 'max', x: a.spec, y: b.spec, kernel: [2, 2], stride: [2, 2], pad: [0, 0] },
  } as const);
  const affine = { scale: scale.data, bias: bias.data };
  return {
    ...{ x, w1, w2, y, a, b, mask },
    forward() {
      conv1.forward(x.data, w1.data, undefined, a.data);
      norm.forwardTraining({ x: a.data, y: a.data, stash, ...affine, mean, invStd });
      relu.forward(a.data, a.data);
      pool.forward(a.data, b.data, mask);
      conv2.forward(b.data, w2.data, undefined, y.data);
    },
    backward() {
      const accumulate = { accumulate: true };
      conv2.backwardWeights(b.data, y.diff, w2.diff, undefined, accumulate);
      conv2.backwardData(y.diff, w2.data, b.diff);
      pool.backward(b.diff, a.diff, mask);
      relu.backward(a.data, a.data, a.diff, a.diff);
      const statistics = { mean, invStd, dScale: scale.diff, dBias: bias.diff };
      norm.backwardTraining({ x: stash, dy: a.diff, dx: a.diff, scale: scale.data, ...statistics }, accumulate);
      conv1.backwardWeights(x.data, a.diff, w1.diff, undefined, accumulate);
    },
  };
}

describe.skipIf(!found.usable)(`layouts (${found.usable ? found.version : `skipped: ${found.reason}`})`, () => {
  let backend: OneDnnBackend;
  /** Of the processor, as oneDNN uses it. */
  let vectorBytes: 64 | 32 | 16;
  beforeAll(async () => {
    if (!found.usable) return;
    const parts = assembleOneDnn(found, { over: await createCpuBackend({ threads: 2 }) });
    backend = parts.backend;
    vectorBytes = parts.context.api.vectorBytes();
  });
  afterAll(() => backend.dispose());

  function reordersOf(work: () => void): number {
    const before = backend.counters.reorders;
    work();
    return backend.counters.reorders - before;
  }

  it('survive from layer to layer, forward and back', () => {
    const net = chain(backend);
    net.x.data.hostRead();
    expect(reordersOf(net.forward)).toBe(3); // the input, and the weights of two convolutions
    expect(reordersOf(net.forward)).toBe(0);
    net.y.diff.hostWrite().fill(1);
    net.backward();
    net.y.diff.hostWrite().fill(1);
    // The gradient that came from outside, and two of weights, added up in plain order. Without AVX2 oneDNN's gradients
    // of convolutions are plain: the first stays so, and two are reordered between these, the pooling and the ReLU.
    expect(reordersOf(net.backward)).toBe(vectorBytes === 16 ? 4 : 3);
    expect(backend.counters.handedOver).toBe(0);
    expect(reordersOf(() => net.y.data.hostRead())).toBe(1);
    expect(reordersOf(() => net.y.data.hostRead())).toBe(0);
  });

  it('are made anew for weights that were changed on the host, and only for these', () => {
    const net = chain(backend);
    net.forward();
    net.w2.data.hostUpdate()[0] = 5;
    expect(reordersOf(net.forward)).toBe(1);
  });

  it('give what the reference gives, the mask too', () => {
    const [ours, theirs] = [chain(backend), chain(createReferenceBackend())];
    for (const net of [ours, theirs]) {
      net.forward();
      net.y.diff.hostWrite().fill(1);
      net.backward();
    }
    for (const name of ['a', 'b', 'y'] as const) {
      closeTo(ours[name].data.hostRead(), theirs[name].data.hostRead(), 1e-5, name);
    }
    for (const name of ['a', 'w1', 'w2'] as const) {
      closeTo(ours[name].diff.hostRead(), theirs[name].diff.hostRead(), 1e-5, `d${name}`);
    }
    closeTo(ours.mask.hostRead(), theirs.mask.hostRead(), 'exact', 'mask');
  });

  it('stay behind a scale and bias of channels, forward and back', () => {
    const net = chain(backend);
    net.forward();
    const handed = backend.counters.handedOver;
    const scale = backend.scaleBias({ outer: 2, channels: 16, inner: 64, scale: true, bias: true });
    const [y, dx] = [new Values(backend, net.a.count), new Values(backend, net.a.count)];
    const [factor, shift, dScale, dBias] = [2, 3, 0, 0].map((value) => {
      const values = new Values(backend, 16);
      values.hostWrite().fill(value);
      return values;
    }) as [Values, Values, Values, Values];
    const forward = () => scale.forward({ x: net.a.data, y, scale: factor, bias: shift });
    const backward = () =>
      scale.backward({ x: net.a.data, dy: y, dx, scale: factor, dScale, dBias }, { accumulate: false });
    expect(reordersOf(forward)).toBe(0);
    expect(reordersOf(backward)).toBe(0);
    expect(backend.counters.handedOver).toBe(handed);
    const a = net.a.data.hostRead();
    closeTo(
      y.hostRead(),
      a.map((value) => 2 * value + 3),
      1e-6,
      'y',
    );
    closeTo(
      dx.hostRead(),
      a.map((value) => 4 * value + 6),
      1e-6,
      'dx',
    );
    const sums = Array.from({ length: 16 }, () => 0);
    a.forEach((value, i) => {
      sums[Math.floor(i / 64) % 16]! += 2 * value + 3;
    });
    closeTo(dBias.hostRead(), Float32Array.from(sums), 1e-5, 'dBias');
  });

  it('stay behind a softmax over the channels, forward and back', () => {
    const net = chain(backend);
    net.forward();
    const { reorders, handedOver } = backend.counters;
    const spec = { outer: 2, channels: 16, inner: 64 };
    const softmax = backend.softmax(spec);
    const [y, dx] = [new Values(backend, net.a.count), new Values(backend, net.a.count)];
    softmax.forward(net.a.data, y);
    // oneDNN has no fast kernel for blocks without AVX2, for gradients without AVX-512: the backend below does it.
    const handed = vectorBytes === 16 ? 1 : 0;
    expect(backend.counters).toMatchObject({ reorders: reorders + handed, handedOver: handedOver + handed });
    softmax.backward(y, net.a.data, dx);
    expect(backend.counters.handedOver).toBe(handedOver + handed + (vectorBytes === 64 ? 0 : 1));
    expect(backend.counters.reorders).toBe(reorders + { 64: 0, 32: 2, 16: 1 }[vectorBytes]); // y and dy, or x
    const reference = createReferenceBackend();
    const [x1, y1, dx1] = [net.a.data.hostRead(), y.hostRead(), dx.hostRead()].map((values) => {
      const made = new Values(reference, values.length);
      made.hostWrite().set(values);
      return made;
    }) as [Values, Values, Values];
    const expected = reference.softmax(spec);
    expected.forward(x1, y1);
    closeTo(y.hostRead(), y1.hostRead(), 3e-6, 'y');
    expected.backward(y1, x1, dx1);
    closeTo(dx.hostRead(), dx1.hostRead(), 5e-6, 'dx');
  });

  it('keep a channel that is NaN, behind a fused ReLU too', () => {
    const net = chain(backend);
    net.w1.data.hostUpdate()[9 * 16 * 3] = Number.NaN; // its channel 3
    net.forward();
    expect(net.a.data.place).toBe('device');
    const relu = { slope: 0 };
    const norm = backend.batchNorm({ x: net.a.spec, eps: 1e-4, scale: false, bias: false, relu });
    const [y, mean, invStd] = [net.a.count, 16, 16].map((count) => new Values(backend, count));
    norm.forwardTraining({ x: net.a.data, y: y!, mean: mean!, invStd: invStd! });
    const missing = [...y!.hostRead()].map((value) => Number.isNaN(value));
    expect(missing).toEqual(missing.map((_, i) => Math.floor(i / 64) % 16 === 3));
  });

  it('are forgotten when values change their count, and freed with them', () => {
    const used = backend.host.usedBytes;
    const net = chain(backend);
    net.forward();
    net.a.reshape([2, 16, 4, 4]);
    expect(net.a.data.place).toBe('device');
    net.a.data.hostRead();
    expect(net.a.data.device).toEqual([]);
    net.a.dispose();
    expect(net.a.data.device).toBeUndefined();
    expect(backend.host.usedBytes).toBeGreaterThan(used);
  });
});
