import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { Net, NetOptions } from '@jacinto/net';
import { readNet } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { buildNet, fillInputs } from './testing/fusion-run.ts';

// A convolution, the sum behind it and its ReLU as one operation, where the backend has it (oneDNN): the same numbers but
// for rounding. Elsewhere, and where somebody may look at the blobs in between, each layer does its own work.
const backends: Backend[] = [createReferenceBackend(), await createCpuBackend({ threads: 2 })];
const onednn = await import('@jacinto/backend-onednn' as string).catch(() => undefined);
const hasOneDnn = (await onednn?.findOneDnn())?.usable === true;
if (hasOneDnn) backends.push(await onednn.createOneDnnBackend({ over: await createCpuBackend({ threads: 2 }) }));
afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

const conv = (name: string, bottom: string, kernel = 1): string =>
  `layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${name}" convolution_param { num_output: 16 kernel_size: ${kernel} pad: ${(kernel - 1) / 2} weight_filler { type: "msra" } bias_filler { type: "gaussian" std: 1 } } }`;
const block = (more = '', eltwise = '', relu = ''): string => `
  layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 9 dim: 7 } } }
  ${conv('a', 'data', 3)}
  ${conv('b', 'a')}
  layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "sum" ${eltwise} }
  layer { name: "relu" type: "ReLU" bottom: "sum" top: "sum" ${relu} }
  ${more}
  ${conv('out', 'sum', 3)}`;

async function build(text: string, backend: Backend, options: Partial<NetOptions>) {
  const net = await buildNet(readNet(text), { backend, phase: 'TEST', options });
  fillInputs(net);
  const ran: string[] = [];
  for (const { name, layer } of net.layers) {
    const original = layer.forward.bind(layer);
    layer.forward = (...list) => {
      ran.push(name);
      return original(...list);
    };
  }
  return { net, ran };
}

async function outputOf(net: Net): Promise<Float32Array> {
  await net.forward();
  return Float32Array.from(await net.outputs[0]!.tensor.data.read<Float32Array>());
}

/** The largest difference, relative to the largest value. */
function distance(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!))) / Math.max(...b.map(Math.abs));
}

describe.each(backends.map((backend) => [backend.name, backend] as const))('on the %s backend', (name, backend) => {
  const fuses = name === 'onednn';

  test.each([
    ['a ReLU', block()],
    ['a leaky ReLU', block('', '', 'relu_param { negative_slope: 0.25 }')],
    ['coefficients of 1', block('', 'eltwise_param { coeff: 1 coeff: 1 }')],
    ['the other order', block().replace('bottom: "a" bottom: "b"', 'bottom: "b" bottom: "a"')],
  ])('a block with %s', async (_, text) => {
    const apart = await build(text, backend, { fusion: false });
    const fused = await build(text, backend, { reuseBuffers: true });
    const expected = await outputOf(apart.net);
    for (let pass = 0; pass < 2; pass++) {
      expect(distance(await outputOf(fused.net), expected)).toBeLessThanOrEqual(fuses ? 1e-6 : 0);
    }
    const both = ['sum', 'relu'];
    expect(apart.ran).toEqual(expect.arrayContaining(both));
    expect(fused.ran.filter((layer) => both.includes(layer))).toEqual(fuses ? [] : [...both, ...both]);
    const [sum] = fused.net.plan().steps.filter(({ layer }) => layer === 'sum');
    expect(sum!.doneBy).toEqual(fuses ? { layer: 'b', backward: false } : undefined);
    await Promise.all([apart.net.dispose(), fused.net.dispose()]);
  });

  test('a sum without a ReLU, and inputs of other shapes from pass to pass', async () => {
    const text = block().replace(/layer \{ name: "relu".*/, '');
    const apart = await build(text, backend, { fusion: false });
    const fused = await build(text, backend, { reuseBuffers: true });
    for (const shape of [
      [2, 3, 9, 7],
      [1, 3, 12, 12],
      [3, 3, 5, 6],
    ]) {
      for (const { net } of [apart, fused]) {
        net.inputs[0]!.tensor.reshape(shape);
        fillInputs(net);
      }
      expect(distance(await outputOf(fused.net), await outputOf(apart.net))).toBeLessThanOrEqual(fuses ? 1e-6 : 0);
    }
    expect(fused.ran.includes('sum')).toBe(!fuses);
    await Promise.all([apart.net.dispose(), fused.net.dispose()]);
  });
});

describe.skipIf(!hasOneDnn)('each does its own', () => {
  const backend = backends.at(-1)!;
  const ranIn = async (text: string, options: Partial<NetOptions>, use: (net: Net) => unknown = () => {}) => {
    const { net, ran } = await build(text, backend, options);
    const apart = await build(text, backend, { fusion: false });
    use(net);
    expect(distance(await outputOf(net), await outputOf(apart.net))).toBeLessThanOrEqual(1e-6);
    await Promise.all([net.dispose(), apart.net.dispose()]);
    return ran.includes('sum');
  };
  const reuse = { reuseBuffers: true } as const;

  test('where blobs in between may be read', async () => {
    expect(await ranIn(block(), reuse)).toBe(false);
    expect(await ranIn(block(), {})).toBe(true);
    expect(await ranIn(block(), { reuseBuffers: { keep: ['b'] } })).toBe(true);
    expect(await ranIn(block(), { reuseBuffers: { keep: ['sum'] } })).toBe(false);
    expect(await ranIn(block(), { ...reuse, fusion: false })).toBe(true);
    expect(await ranIn(block(), reuse, (net) => net.use({ afterForward() {} }))).toBe(true);
    expect(await ranIn(block(), reuse, (net) => net.use({ ignoresBlobs: true, afterForward() {} }))).toBe(false);
    expect(await ranIn(block(), reuse, (net) => Object.assign(net, { debugInfo: true }))).toBe(true);
  });

  test('where the sum is another', async () => {
    expect(await ranIn(block('', 'eltwise_param { coeff: 1 coeff: 2 }'), reuse)).toBe(true);
    expect(await ranIn(block('', 'eltwise_param { operation: MAX }'), reuse)).toBe(true);
    const silence = 'layer { name: "silence" type: "Silence" bottom: "b" }';
    expect(await ranIn(block(silence), reuse)).toBe(true);
  });

  test('where a pass takes only one of them', async () => {
    const { net, ran } = await build(block(), backend, reuse);
    await net.forward({ to: 'b' });
    await net.forward({ from: 'sum' });
    expect(ran).toEqual(expect.arrayContaining(['b', 'sum', 'relu', 'out']));
    await net.dispose();
  });
});
