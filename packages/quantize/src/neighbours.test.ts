import type { Tensor } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { hasQuantizableOutput, isMerged, quantizesItself } from './layer-types.ts';
import { neighboursOf, previousOf } from './neighbours.ts';

/** "Type bottoms>tops" lines; equal names are one blob. */
function layersOf(lines: readonly string[]) {
  const blobs = new Map<string, Tensor>();
  const blob = (name: string): Tensor => {
    if (!blobs.has(name)) blobs.set(name, { name } as unknown as Tensor);
    return blobs.get(name)!;
  };
  return lines.map((line) => {
    const [type, joined] = line.split(' ') as [string, string];
    const [bottoms, tops] = joined.split('>').map((names) => names.split(',').filter(Boolean).map(blob));
    return { type, bottoms: bottoms!, tops: tops! };
  });
}

describe('neighbours', () => {
  const layers = layersOf([
    'Input >x',
    'Convolution x>c',
    'BatchNorm c>c',
    'ReLU c>c',
    'Split c>c0,c1',
    'Convolution c1>d',
    'Scale c0>e',
    'Eltwise e,d>s',
    'Slice s>u,v',
    'Pooling v>p',
  ]);

  it.each([
    [0, { next: 'Convolution', prev: '', prev2: '' }],
    [1, { next: 'BatchNorm', prev: 'Input', prev2: '' }],
    [2, { next: 'ReLU', prev: 'Convolution', prev2: 'Input' }],
    [3, { next: 'Split', prev: 'BatchNorm', prev2: 'Convolution' }],
    [4, { next: 'Scale', prev: 'ReLU', prev2: 'BatchNorm' }],
    [5, { next: 'Eltwise', prev: 'Split', prev2: 'ReLU' }],
    [7, { next: 'Slice', prev: 'Scale', prev2: 'Split' }],
    [8, { next: 'Pooling', prev: 'Eltwise', prev2: 'Scale' }],
    [9, { next: '', prev: 'Slice', prev2: 'Eltwise' }],
  ])('of layer %d', (index, wanted) => {
    expect(neighboursOf(layers, index)).toEqual(wanted);
  });

  it('finds the producer of any bottom', () => {
    expect(previousOf(layers, 7, 1)).toBe(5);
    expect(previousOf(layers, 7, 2)).toBe(-1);
  });
});

describe('layer types', () => {
  const around = { next: '', prev: '', prev2: '' };
  it.each([
    ['Convolution', { next: 'BatchNorm' }, true],
    ['InnerProduct', { next: 'ReLU' }, true],
    ['Deconvolution', { next: 'Scale' }, true],
    ['Convolution', { next: 'PReLU' }, false],
    ['Convolution', { next: 'Split' }, false],
    ['BatchNorm', { next: 'Scale' }, true],
    ['BatchNorm', { next: 'ReLU' }, true],
    ['BatchNorm', { next: 'Convolution', prev: 'Input' }, true],
    ['BatchNorm', { next: 'Convolution', prev: 'Convolution' }, false],
    ['Scale', { next: 'ReLU' }, true],
    ['Scale', { next: 'Convolution', prev: 'BatchNorm', prev2: 'Input' }, true],
    ['Scale', { next: 'Convolution', prev: 'BatchNorm', prev2: 'Convolution' }, false],
    ['Scale', { next: 'Convolution', prev: 'Convolution' }, false],
    ['Eltwise', { next: 'ReLU' }, false],
    ['Pooling', { next: 'Convolution' }, false],
  ])('%s with %o merged: %s', (type, given, merged) => {
    expect(isMerged(type, { ...around, ...given })).toBe(merged);
  });

  it('says which outputs are quantized', () => {
    const yes = ['Convolution', 'InnerProduct', 'Deconvolution', 'BatchNorm', 'Scale', 'ReLU', 'PReLU', 'Eltwise'];
    const more = ['Concat', 'Bias', 'Pooling', 'Data', 'ImageLabelData', 'AnnotatedData', 'DummyData'];
    const no = ['Input', 'Split', 'Softmax', 'ArgMax', 'Permute', 'Flatten', 'Dropout', 'Crop', 'Slice', 'PriorBox'];
    for (const type of [...yes, ...more]) expect(hasQuantizableOutput(type), type).toBe(true);
    for (const type of no) expect(hasQuantizableOutput(type), type).toBe(false);
  });

  it('a Concat of one bottom and plain data layers do not quantize themselves', () => {
    expect([1, 2].map((bottoms) => quantizesItself('Concat', bottoms))).toEqual([false, true]);
    expect(['Data', 'ImageData', 'DummyData', 'Softmax'].map((type) => quantizesItself(type, 1))).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
