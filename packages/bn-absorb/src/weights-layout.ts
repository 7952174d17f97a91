import { type BlobProto, blobShape, CaffeError, type LayerParameter } from '@jacinto/proto';

/** How a layer's weights lie in its first blob. */
export interface WeightsLayout {
  outputs: number;
  /** Output channel of the weight at an index. */
  outputOf(index: number): number;
  /** Input channel of the weight at an index; `inputs` must be known where an inner product reads N,C,H,W. */
  inputOf(index: number, inputs: number): number;
  /** Input channels; for an inner product the length of its input, C·H·W. */
  inputs: number;
}

/**
 * The layout of a Convolution (out, in/group, …), Deconvolution (in, out/group, …) or InnerProduct (out, in; with
 * `transpose` in, out). @throws CaffeError 'bad-shape' where the blob has too few axes.
 */
export function weightsLayout(layer: LayerParameter, weights: BlobProto): WeightsLayout {
  const shape = blobShape(weights);
  if (layer.type === 'InnerProduct') return innerProductLayout(layer, shape);
  if (shape.length < 2) throw badShape(shape);
  const group = layer.convolutionParam?.group ?? 1;
  const [first, second] = shape as [number, number];
  const taps = shape.slice(2).reduce((count, length) => count * length, 1);
  const row = second * taps;
  if (layer.type === 'Deconvolution') {
    const inputsOfGroup = first / group;
    const groupOf = (index: number) => Math.floor(index / row / inputsOfGroup);
    return {
      outputs: second * group,
      inputs: first,
      outputOf: (index) => groupOf(index) * second + (Math.floor(index / taps) % second),
      inputOf: (index) => Math.floor(index / row),
    };
  }
  const outputsOfGroup = first / group;
  return {
    outputs: first,
    inputs: second * group,
    outputOf: (index) => Math.floor(index / row),
    inputOf: (index) => Math.floor(index / row / outputsOfGroup) * second + (Math.floor(index / taps) % second),
  };
}

function innerProductLayout(layer: LayerParameter, stored: readonly number[]): WeightsLayout {
  // Old files store 1×1×out×in.
  const shape = stored.length === 4 && stored[0] === 1 && stored[1] === 1 ? stored.slice(2) : stored;
  if (shape.length !== 2) throw badShape(stored);
  const [rows, columns] = shape as [number, number];
  const transpose = layer.innerProductParam?.transpose ?? false;
  const outputs = transpose ? columns : rows;
  const length = transpose ? rows : columns;
  const row = (index: number) => Math.floor(index / columns);
  const column = (index: number) => index % columns;
  const at = transpose ? row : column;
  return {
    outputs,
    inputs: length,
    outputOf: transpose ? column : row,
    inputOf: (index, inputs) => Math.floor(at(index) / (length / inputs)),
  };
}

function badShape(shape: readonly number[]): CaffeError {
  return new CaffeError({
    code: 'bad-shape',
    field: 'blob 0',
    problem: `has the shape ${shape.join(' × ') || '() (one value)'}, which is none of weights`,
    fix: 'use the weights that were made with this net',
  });
}
