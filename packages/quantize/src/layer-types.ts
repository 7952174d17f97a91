import type { Neighbours } from './neighbours.ts';

const withWeights = new Set(['Convolution', 'InnerProduct', 'Deconvolution']);
const withOutput = new Set([
  ...withWeights,
  'BatchNorm',
  'Scale',
  'ReLU',
  'PReLU',
  'Eltwise',
  'Concat',
  'Bias',
  'Pooling',
]);
/** Data layers that fill their tops themselves and never quantize them in the original. */
const plainData = new Set(['DummyData', 'MemoryData', 'HDF5Data']);

/** Convolution, InnerProduct, Deconvolution: layers whose weights are quantized. */
export const hasWeights = (type: string): boolean => withWeights.has(type);

/** Data, ImageData, ImageLabelData, AnnotatedData …: of these, top 0 only. */
export const isData = (type: string): boolean => type.toLowerCase().includes('data');

/** Whether the outputs of this type may be quantized. */
export const hasQuantizableOutput = (type: string): boolean => withOutput.has(type) || isData(type);

/** Whether the next layer takes this one into itself on the device, so that its own output never exists there. */
export function isMerged(type: string, { next, prev, prev2 }: Neighbours): boolean {
  if (withWeights.has(type)) return next === 'BatchNorm' || next === 'Scale' || next === 'ReLU';
  const beforeConvolution = next === 'Convolution' && prev !== 'Convolution';
  if (type === 'BatchNorm') return next === 'Scale' || next === 'ReLU' || beforeConvolution;
  if (type === 'Scale') return next === 'ReLU' || (beforeConvolution && prev2 !== 'Convolution');
  return false;
}

/** Whether a layer of this type quantizes at the end of its forward pass; a Concat of one bottom does not. */
export function quantizesItself(type: string, bottoms: number): boolean {
  if (type === 'Concat') return bottoms > 1;
  return withOutput.has(type) || (isData(type) && !plainData.has(type));
}
