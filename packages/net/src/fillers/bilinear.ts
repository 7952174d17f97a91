import type { FillerParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { type FillerType, fillerError } from './filler.ts';

/**
 * Weights with which a Deconvolution enlarges by bilinear interpolation: value[y,x] = (1−|x/f−c|)·(1−|y/f−c|),
 * c = (2f−1−f mod 2)/(2f). `factor` gives f from the kernel's length.
 */
function interpolate(
  values: Float32Array | Float64Array,
  shape: readonly number[],
  param: FillerParameter,
  factor: (length: number) => number,
): void {
  const [height, width] = [shape[2], shape[3]];
  if (shape.length !== 4 || height !== width) {
    const problem = `filler "${param.type}" needs a square kernel of 4 axes, but the shape is ${shape.join(' × ')}`;
    throw new CaffeError({ code: 'bad-shape', problem, fix: 'use kernel_size with one value' });
  }
  const f = factor(width!);
  if (f === 0) throw fillerError(param, 'type', `"${param.type}" has no kernel of 1`, 'use kernel_size: 2 or more');
  const c = (2 * f - 1 - (f % 2)) / (2 * f);
  for (let i = 0; i < values.length; i++) {
    const x = i % width!;
    const y = Math.floor(i / width!) % height!;
    values[i] = (1 - Math.abs(x / f - c)) * (1 - Math.abs(y / f - c));
  }
}

/** f = ⌊width/2⌋, as caffe-jacinto computes it (BVLC: ⌈width/2⌉; they differ for odd kernels). */
export const bilinear: FillerType = {
  type: 'bilinear',
  fill: (values, shape, param) => interpolate(values, shape, param, (length) => Math.floor(length / 2)),
};

/** f = ⌈width/2⌉. */
export const bilinearStatic: FillerType = {
  type: 'bilinearstatic',
  fill: (values, shape, param) => interpolate(values, shape, param, (length) => Math.ceil(length / 2)),
};
