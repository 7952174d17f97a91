import { create } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { multiplyAccumulates, type WorkingLayer } from './multiply-accumulates.ts';

const layer = (
  type: string,
  values: number[],
  bottom: number[],
  top: number[],
  param: Parameters<typeof create<'LayerParameter'>>[1] = {},
  repeats = 1,
): WorkingLayer => ({
  ...{ name: 'x', type },
  bottoms: Array.from({ length: repeats }, () => ({ shape: bottom })),
  tops: Array.from({ length: repeats }, () => ({ shape: top })),
  layer: {
    layerParam: create('LayerParameter', param),
    blobs: values.length === 0 ? [] : [{ data: { read: () => Float32Array.from(values) } }],
  },
});
const count = async (one: WorkingLayer) => {
  const [work] = await multiplyAccumulates([one]);
  return work && [work.weights, work.dense, work.left];
};

it.each([
  // 2 × 3 weights of 1×1 at 4×5 places; the batch of 7 does not count
  ['Convolution', [1, 0, 2, -0, 3, 4], [7, 3, 4, 5], [7, 2, 4, 5], {}, [6, 120, 80]],
  // stride 2: places are those of the output
  ['Convolution', [1, 2, 0, 4], [1, 1, 8, 8], [1, 1, 4, 3], {}, [4, 48, 36]],
  // two groups: the shape of the weights already has inputs / group
  ['Convolution', [1, 0], [1, 2, 3, 3], [1, 2, 3, 3], { convolutionParam: { group: 2 } }, [2, 18, 9]],
  // one spatial axis
  ['Convolution', [1, 1, 1], [2, 1, 9], [2, 1, 7], {}, [3, 21, 21]],
  // each weight meets each input
  ['Deconvolution', [1, 0, 1, 1], [1, 1, 3, 3], [1, 1, 6, 6], {}, [4, 36, 27]],
  ['InnerProduct', [0, 0, 3, 4], [9, 2], [9, 2], {}, [4, 4, 2]],
  // axis 2: once for each of axis 1
  ['InnerProduct', [1, 0], [9, 5, 2], [9, 5, 1], { innerProductParam: { axis: 2 } }, [2, 10, 5]],
  ['InnerProduct', [1, 0], [9, 5, 2], [9, 5, 1], { innerProductParam: { axis: -1 } }, [2, 10, 5]],
] as const)('%s %j on %j', async (type, values, bottom, top, param, expected) => {
  expect(await count(layer(type, [...values], [...bottom], [...top], param))).toEqual(expected);
});

it('counts a layer with several bottoms for each, and leaves others out', async () => {
  expect(await count(layer('Convolution', [1, 0], [1, 1, 2, 2], [1, 2, 2, 2], {}, 3))).toEqual([2, 24, 12]);
  expect(await count(layer('BatchNorm', [1, 0], [1, 1, 2, 2], [1, 1, 2, 2]))).toBeUndefined();
  expect(await count(layer('InnerProduct', [], [1, 1], [1, 1]))).toBeUndefined();
});
