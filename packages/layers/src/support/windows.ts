import { type CaffeError, type ConvolutionParameter, has } from '@jacinto/proto';

/** A sliding window on one axis. */
export interface Window {
  kernel: number;
  stride: number;
  pad: number;
  dilation: number;
}

/** Words an error about a field of the layer's own message. */
export type Fail = (field: string, problem: string, fix?: string) => CaffeError;

/**
 * The windows of a convolution, one a spatial axis. Each of kernel_size, stride, pad and dilation is given once for
 * all axes or once an axis; kernel, stride and pad also as `_h` and `_w` over two axes.
 * @throws CaffeError naming the field that is missing, doubled, of the wrong length, or 0.
 */
export function convolutionWindows(p: ConvolutionParameter, spatialAxes: number, fail: Fail): Window[] {
  const pair = (
    name: string,
    h: number | undefined,
    w: number | undefined,
    otherwise?: number,
  ): number[] | undefined => {
    if (h === undefined && w === undefined) return undefined;
    if (spatialAxes !== 2) {
      throw fail(
        `${name}_h`,
        `and ${name}_w need two spatial axes, but there are ${spatialAxes}`,
        `use ${name} once an axis`,
      );
    }
    const [height, width] = [h ?? otherwise, w ?? otherwise];
    if (height !== undefined && width !== undefined) return [height, width];
    const [there, missing] = height === undefined ? ['w', 'h'] : ['h', 'w'];
    throw fail(`${name}_${missing}`, `is missing beside ${name}_${there}`, 'give both');
  };
  const list = (field: string, given: readonly number[], otherwise?: number): number[] => {
    if (given.length === 0 && otherwise !== undefined) return Array<number>(spatialAxes).fill(otherwise);
    if (given.length === 1) return Array<number>(spatialAxes).fill(given[0]!);
    if (given.length === spatialAxes && given.length > 0) return [...given];
    if (given.length === 0) throw fail(field, 'is missing', `give ${field}, or kernel_h and kernel_w`);
    throw fail(
      field,
      `is given ${given.length} times for ${spatialAxes} spatial axes`,
      `give it once, or ${spatialAxes} times`,
    );
  };
  const resolve = (
    field: string,
    name: string,
    given: readonly number[],
    hw: number[] | undefined,
    otherwise?: number,
  ) => {
    if (hw === undefined) return list(field, given, otherwise);
    if (given.length > 0) throw fail(field, `is given beside ${name}_h or ${name}_w`, 'give one of the two forms');
    return hw;
  };
  const own = (field: 'padH' | 'padW'): number | undefined => (has(p, field) ? p[field] : undefined);
  const kernel = resolve('kernel_size', 'kernel', p.kernelSize, pair('kernel', p.kernelH, p.kernelW));
  const stride = resolve('stride', 'stride', p.stride, pair('stride', p.strideH, p.strideW, 1), 1);
  const pad = resolve('pad', 'pad', p.pad, pair('pad', own('padH'), own('padW'), 0), 0);
  const dilation = list('dilation', p.dilation, 1);
  return kernel.map((length, axis) => {
    const window = { kernel: length, stride: stride[axis]!, pad: pad[axis]!, dilation: dilation[axis]! };
    for (const [field, value] of [
      ['kernel_size', length],
      ['stride', window.stride],
      ['dilation', window.dilation],
    ] as const) {
      if (value < 1) throw fail(field, `is ${value}`, 'use 1 or more');
    }
    return window;
  });
}
