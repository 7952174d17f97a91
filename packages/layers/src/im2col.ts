import { convolvedLength, countOf, type Tensor } from '@jacinto/core-tensor';
import { Layer } from '@jacinto/net';
import type { ConvolutionParameter } from '@jacinto/proto';
import { columnMap } from './support/column-map.ts';
import { whenRead } from './support/when-read.ts';
import { convolutionWindows, type Window } from './support/windows.ts';

/**
 * Lays out what a convolution's kernel sees (Caffe: Im2col). bottom[0] N,C,H,W → top[0] N,C·kernel_h·kernel_w,H',W',
 * channels slowest, then the kernel's rows and columns; what lies in the padding is 0. Parameters and lengths as in
 * Convolution: kernel_size, stride, pad, dilation, axis, and any number of spatial axes.
 * Backward: the gradients of all places an input value went to are summed (col2im).
 */
export class Im2colLayer extends Layer<ConvolutionParameter> {
  static override readonly type = 'Im2col';
  static override readonly paramField = 'convolutionParam';
  private windows: Window[] = [];
  private planes = 0;
  private plane = 0;
  private map: Int32Array = new Int32Array();

  override setUp(bottom: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const spatial = x.axes - x.canonicalAxis(this.param.axis) - 1;
    if (spatial < 1) {
      throw this.badShape(
        `bottom[0] is ${x.shapeString()}: no axis follows the channels (axis ${this.param.axis})`,
        'give it spatial axes, or a smaller convolution_param.axis',
      );
    }
    this.windows = convolutionWindows(this.param, spatial, (...facts) => this.fail(...facts));
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const { windows } = this;
    const axis = x.canonicalAxis(this.param.axis);
    const input = x.shape.slice(axis + 1);
    if (input.length !== windows.length) {
      throw this.badShape(`bottom[0] is ${x.shapeString()}, but the kernel has ${windows.length} axes`);
    }
    const output = windows.map(({ kernel, stride, pad, dilation }, i) => {
      const length = convolvedLength(input[i]!, kernel, stride, pad, dilation);
      if (length >= 1) return length;
      throw this.fail(
        'kernel_size',
        `is ${kernel} (dilation ${dilation}), larger than the padded input (${input[i]} + 2·${pad}) on axis ${axis + 1 + i}`,
        'use a smaller kernel, a larger pad, or a larger input',
      );
    });
    const places = countOf(windows.map(({ kernel }) => kernel));
    top[0]!.reshape([...x.shape.slice(0, axis), x.shape[axis]! * places, ...output]);
    this.planes = x.countRange(0, axis + 1);
    this.plane = countOf(input);
    this.map = columnMap(input, output, windows);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    return whenRead([bottom[0]!.data], (x) => {
      const y = top[0]!.data.hostWrite<Float32Array>();
      const { map, planes, plane } = this;
      for (let p = 0, at = 0; p < planes; p++) {
        for (let i = 0; i < map.length; i++, at++) {
          const from = map[i]!;
          y[at] = from < 0 ? 0 : x![p * plane + from]!;
        }
      }
    });
  }

  override backward(
    top: readonly Tensor[],
    propagateDown: readonly boolean[],
    bottom: readonly Tensor[],
  ): void | Promise<void> {
    if (!propagateDown[0]) return;
    return whenRead([top[0]!.diff], (dy) => {
      const dx = bottom[0]!.diff.hostWrite<Float32Array>().fill(0);
      const { map, planes, plane } = this;
      for (let p = 0, at = 0; p < planes; p++) {
        for (let i = 0; i < map.length; i++, at++) {
          const to = map[i]!;
          if (to >= 0) dx[p * plane + to]! += dy![at]!;
        }
      }
    });
  }
}
