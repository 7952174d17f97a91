import { createCpuBackend } from '@jacinto/core-tensor';
import { LayerRegistry, Net } from '@jacinto/net';
import { type LayerCase, runLayer, setUpLayer } from '@jacinto/net/testing';
import { parseText } from '@jacinto/proto';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { standardLayers } from './list.ts';

// Properties that hold for all legal parameters. fast-check prints the seed and the smallest counterexample.
const backend = await createCpuBackend({ threads: 1 });
afterAll(() => backend.dispose());
const registry = new LayerRegistry(standardLayers);
const runs = { numRuns: 40, seed: 1701 };
const length = fc.integer({ min: 1, max: 4 });
const shapeOf = (axes: number) => fc.array(length, { minLength: axes, maxLength: axes });
const skip = { skip: 'values only' };

async function topShapes(type: string, each: LayerCase): Promise<number[][]> {
  const run = await setUpLayer(registry.get(type), each, { backend });
  const shapes = run.tops.map(({ shape }) => [...shape]);
  await run.dispose();
  return shapes;
}

async function topsOf(type: string, each: LayerCase): Promise<number[][]> {
  const { tops } = await runLayer(registry.get(type), { gradient: skip, ...each }, { backend });
  return tops.map(({ data }) => [...data]);
}

describe('shapes are those of the formulas', () => {
  const window = fc.record({
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    pad: fc.integer({ min: 0, max: 2 }),
    dilation: fc.integer({ min: 1, max: 2 }),
  });
  const convolution = fc
    .record({
      windows: fc.array(window, { minLength: 1, maxLength: 3 }),
      group: fc.integer({ min: 1, max: 3 }),
      items: length,
      each: length,
      outputs: length,
      size: fc.integer({ min: 5, max: 7 }),
    })
    .map(({ windows, group, items, each, outputs, size }) => {
      const list = (field: 'kernel' | 'stride' | 'pad' | 'dilation') => windows.map((one) => one[field]).join(', ');
      return {
        windows,
        group,
        channels: group * each,
        outputs: group * outputs,
        lengths: windows.map((_, i) => size - i),
        items,
        param:
          `num_output: ${group * outputs} group: ${group} kernel_size: [${list('kernel')}] stride: [${list('stride')}] ` +
          `pad: [${list('pad')}] dilation: [${list('dilation')}]`,
      };
    });

  test('Convolution and Im2col', () =>
    fc.assert(
      fc.asyncProperty(convolution, async ({ windows, param, items, channels, outputs, lengths }) => {
        const bottoms = [[items, channels, ...lengths]];
        const spatial = windows.map(({ kernel, stride, pad, dilation }, i) =>
          Math.floor((lengths[i]! + 2 * pad - (dilation * (kernel - 1) + 1)) / stride + 1),
        );
        expect(await topShapes('Convolution', { param, bottoms })).toEqual([[items, outputs, ...spatial]]);
        const places = windows.reduce((count, { kernel }) => count * kernel, 1);
        expect(await topShapes('Im2col', { param, bottoms })).toEqual([[items, channels * places, ...spatial]]);
      }),
      runs,
    ));

  test('Deconvolution', () =>
    fc.assert(
      fc.asyncProperty(convolution, async ({ windows, param, items, channels, outputs, lengths }) => {
        const spatial = windows.map(
          ({ kernel, stride, pad, dilation }, i) => stride * (lengths[i]! - 1) + dilation * (kernel - 1) + 1 - 2 * pad,
        );
        fc.pre(spatial.every((each) => each > 0));
        const shapes = await topShapes('Deconvolution', { param, bottoms: [[items, channels, ...lengths]] });
        expect(shapes).toEqual([[items, outputs, ...spatial]]);
      }),
      runs,
    ));

  test('Pooling', () =>
    fc.assert(
      fc.asyncProperty(window, window, fc.constantFrom('MAX', 'AVE'), shapeOf(2), async (h, w, pool, [n, c]) => {
        fc.pre(h.pad < h.kernel && w.pad < w.kernel);
        const size = [6, 7];
        const out = [h, w].map(({ kernel, stride, pad }, i) => {
          const ceiled = Math.ceil((size[i]! + 2 * pad - kernel) / stride) + 1;
          const padded = h.pad > 0 || w.pad > 0;
          return padded && (ceiled - 1) * stride >= size[i]! + pad ? ceiled - 1 : ceiled;
        });
        const param =
          `pool: ${pool} kernel_h: ${h.kernel} kernel_w: ${w.kernel} stride_h: ${h.stride} stride_w: ${w.stride} ` +
          `pad_h: ${h.pad} pad_w: ${w.pad}`;
        expect(await topShapes('Pooling', { param, bottoms: [[n!, c!, ...size]] })).toEqual([[n, c, ...out]]);
      }),
      runs,
    ));

  test('InnerProduct, Flatten, Tile, Embed, Reduction, ArgMax along an axis', () =>
    fc.assert(
      fc.asyncProperty(shapeOf(4), fc.integer({ min: -4, max: 3 }), length, async (shape, given, outputs) => {
        const axis = given < 0 ? given + 4 : given;
        const bottoms = [shape];
        const count = shape.slice(axis).reduce((product, each) => product * each, 1);
        const replaced = (value: number) => shape.map((each, i) => (i === axis ? value : each));
        const cases: [string, string, number[]][] = [
          ['InnerProduct', `num_output: ${outputs} axis: ${given}`, [...shape.slice(0, axis), outputs]],
          ['Flatten', `axis: ${given}`, [...shape.slice(0, axis), count]],
          ['Tile', `axis: ${given} tiles: ${outputs}`, replaced(shape[axis]! * outputs)],
          ['Embed', `input_dim: 5 num_output: ${outputs}`, [...shape, outputs]],
          ['Reduction', `axis: ${given}`, shape.slice(0, axis)],
          ['ArgMax', `axis: ${given}`, replaced(1)],
        ];
        for (const [type, param, expected] of cases) {
          expect(await topShapes(type, { param, bottoms }), type).toEqual([expected]);
        }
      }),
      runs,
    ));

  test('LSTM and RNN', () =>
    fc.assert(
      fc.asyncProperty(shapeOf(4), length, async ([t, n, ...rest], outputs) => {
        const bottoms = [
          [t!, n!, ...rest],
          [t!, n!],
        ];
        for (const type of ['LSTM', 'RNN']) {
          expect(await topShapes(type, { param: `num_output: ${outputs}`, bottoms })).toEqual([[t, n, outputs]]);
        }
      }),
      runs,
    ));
});

describe('the forward pass of a batch is that of its parts', () => {
  const filler = 'weight_filler { type: "gaussian" }';
  const layers: [type: string, param: string | undefined][] = [
    ['Convolution', `num_output: 2 kernel_size: 3 pad: 1 ${filler}`],
    ['Deconvolution', `num_output: 2 kernel_size: 2 stride: 2 ${filler}`],
    ['InnerProduct', `num_output: 3 ${filler}`],
    ['Pooling', 'pool: AVE kernel_size: 2 pad: 1'],
    ['Pooling', 'kernel_size: 3 stride: 2'],
    ['LRN', 'local_size: 3'],
    ['LRN', 'local_size: 3 norm_region: WITHIN_CHANNEL'],
    ['MVN', undefined],
    ['MVN', 'across_channels: true'],
    ['SPP', 'pyramid_height: 2'],
    ['Softmax', undefined],
    ['Im2col', 'kernel_size: 2'],
    ['ArgMax', 'top_k: 2'],
    ['Tile', 'tiles: 2'],
    ['PReLU', undefined],
  ];

  test.each(layers)('%s %s', (type, param) =>
    fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 2, max: 4 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 2 ** 30 }),
        async (items, channels, seed) => {
          const item = [channels, 4, 5];
          const values = { gaussian: {} } as const;
          const each = { param, seed, bottoms: [[items, ...item]], values: { 0: values }, gradient: skip };
          const run = await setUpLayer(registry.get(type), each, { backend });
          const x = await run.read(run.bottoms[0]!);
          await run.forward();
          const whole = await run.read(run.tops[0]!);
          const size = x.length / items;
          for (let n = 0; n < items; n++) {
            run.bottoms[0]!.reshape([1, ...item]);
            run.bottoms[0]!.data.hostWrite<Float32Array>().set(x.subarray(n * size, (n + 1) * size));
            await run.forward();
            const part = await run.read(run.tops[0]!);
            const expected = whole.subarray(n * part.length, (n + 1) * part.length);
            part.forEach((value, i) => {
              expect(Math.abs(value - expected[i]!)).toBeLessThan(1e-5 * Math.max(1, Math.abs(value)));
            });
          }
          await run.dispose();
        },
      ),
      { ...runs, numRuns: 10 },
    ),
  );
});

describe('round trips', () => {
  async function throughNet(text: string, shape: readonly number[], values: readonly number[], out: string) {
    const dims = shape.map((each) => `dim: ${each}`).join(' ');
    const net = await Net.create(
      parseText('NetParameter', `layer { name: "x" type: "Input" top: "x" input_param { shape { ${dims} } } } ${text}`),
      { backend, registry, phase: 1, seed: 1 },
    );
    net.blob('x').data.hostWrite<Float32Array>().set(values);
    await net.forward();
    const result = [...(await net.blob(out).data.read<Float32Array>())];
    await net.dispose();
    return result;
  }

  const tensor = shapeOf(3).chain((shape) => {
    const count = shape.reduce((product, each) => product * each, 1);
    const value = fc.integer({ min: -1000, max: 1000 });
    return fc.tuple(fc.constant(shape), fc.array(value, { minLength: count, maxLength: count }));
  });
  const axis = fc.integer({ min: -3, max: 2 });

  test('Slice, then Concat', () =>
    fc.assert(
      fc.asyncProperty(tensor, axis, fc.integer({ min: 1, max: 3 }), async ([shape, values], at, point) => {
        fc.pre(shape.at(at)! > point);
        const text = `
          layer { name: "s" type: "Slice" bottom: "x" top: "a" top: "b" slice_param { axis: ${at} slice_point: ${point} } }
          layer { name: "c" type: "Concat" bottom: "a" bottom: "b" top: "y" concat_param { axis: ${at} } }`;
        expect(await throughNet(text, shape, values, 'y')).toEqual(values);
      }),
      runs,
    ));

  test('Tile, then the mean over the tiles', () =>
    fc.assert(
      fc.asyncProperty(tensor, fc.integer({ min: 1, max: 4 }), async ([shape, values], tiles) => {
        // x flat as N,1; tiled along the last axis; the mean over that axis is x again.
        const count = values.length;
        const text = `
          layer { name: "r" type: "Reshape" bottom: "x" top: "r" reshape_param { shape { dim: ${count} dim: 1 } } }
          layer { name: "t" type: "Tile" bottom: "r" top: "t" tile_param { axis: 1 tiles: ${tiles} } }
          layer { name: "m" type: "Reduction" bottom: "t" top: "y" reduction_param { operation: MEAN axis: 1 } }`;
        const result = await throughNet(text, shape, values, 'y');
        result.forEach((value, i) => {
          expect(Math.abs(value - values[i]!)).toBeLessThan(1e-3);
        });
      }),
      runs,
    ));

  test('Flatten, then Reshape', () =>
    fc.assert(
      fc.asyncProperty(tensor, axis, async ([shape, values], at) => {
        const dims = shape.map((each) => `dim: ${each}`).join(' ');
        const text = `
          layer { name: "f" type: "Flatten" bottom: "x" top: "f" flatten_param { axis: ${at} } }
          layer { name: "r" type: "Reshape" bottom: "f" top: "y" reshape_param { shape { ${dims} } } }`;
        expect(await throughNet(text, shape, values, 'y')).toEqual(values);
      }),
      runs,
    ));

  test('Permute, then Permute back', () =>
    fc.assert(
      fc.asyncProperty(tensor, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), async ([shape, values], order) => {
        const inverse = order.map((_, i) => order.indexOf(i));
        const text = `
          layer { name: "p" type: "Permute" bottom: "x" top: "p" permute_param { order: [${order.join(', ')}] } }
          layer { name: "q" type: "Permute" bottom: "p" top: "y" permute_param { order: [${inverse.join(', ')}] } }`;
        expect(await throughNet(text, shape, values, 'y')).toEqual(values);
      }),
      runs,
    ));

  test('BatchReindex by a permutation and by its inverse', () =>
    fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), length, async (order, size) => {
        const inverse = order.map((_, i) => order.indexOf(i));
        const x = Array.from({ length: 4 * size }, (_, i) => i);
        const reindex = async (values: number[], indices: number[]) =>
          (
            await topsOf('BatchReindex', {
              bottoms: [[4, size], [4]],
              values: { 0: { values }, 1: { values: indices } },
            })
          )[0]!;
        expect(await reindex(await reindex(x, order), inverse)).toEqual(x);
      }),
      runs,
    ));

  test('Exp, then Log; Power by p, then by 1/p', () =>
    fc.assert(
      fc.asyncProperty(tensor, async ([shape, given]) => {
        const values = given.map((value) => value / 500 + 3);
        const text = `
          layer { name: "e" type: "Exp" bottom: "x" top: "e" exp_param { base: 2 } }
          layer { name: "l" type: "Log" bottom: "e" top: "l" log_param { base: 2 } }
          layer { name: "p" type: "Power" bottom: "l" top: "p" power_param { power: 2 } }
          layer { name: "q" type: "Power" bottom: "p" top: "y" power_param { power: 0.5 } }`;
        const result = await throughNet(text, shape, values, 'y');
        result.forEach((value, i) => {
          expect(Math.abs(value - values[i]!)).toBeLessThan(1e-3);
        });
      }),
      runs,
    ));
});
