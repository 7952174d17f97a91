import { type ConvolutionOperation, Tensor } from '@jacinto/core-tensor';
import { type Arity, fill, Layer } from '@jacinto/net';
import type { ConvolutionParameter } from '@jacinto/proto';
import { convolutionWindows, type Window } from './windows.ts';

/**
 * What Convolution and Deconvolution have in common (Caffe: BaseConvolutionLayer): resolving the windows, the learned
 * blobs, one operation for all pairs of bottom and top, which share the weights and have one shape.
 */
export abstract class ConvolutionBase extends Layer<ConvolutionParameter> {
  static override readonly paramField = 'convolutionParam';
  protected channelAxis = 1;
  protected channels = 0;
  protected outputs = 0;
  protected windows: Window[] = [];
  protected operation!: ConvolutionOperation;

  /** Length of a top's axis. */
  protected abstract outputLength(input: number, window: Window): number;
  /** Shape of the weights without the kernel: [out, in/group] of the convolution that does the work. */
  protected abstract weightChannels(): [number, number];
  /** Prepares `operation`; the shapes are those of the backend: items, channels, spatial axes. */
  protected abstract prepare(bottom: readonly number[], top: readonly number[]): void;

  override bottomArity(): Arity {
    return { min: 1 };
  }

  override topArity(): Arity {
    return { min: 1 };
  }

  override setUp(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const p = this.param;
    const [first] = bottom as [Tensor];
    if (bottom.length !== top.length) {
      throw this.badShape(`has ${bottom.length} bottoms and ${top.length} tops`, 'give as many tops as bottoms');
    }
    this.channelAxis = first.canonicalAxis(p.axis);
    this.channels = first.shape[this.channelAxis]!;
    this.outputs = p.numOutput ?? 0;
    if (this.outputs < 1) {
      throw this.fail(
        'num_output',
        p.numOutput === undefined ? 'is missing' : 'is 0',
        'give the number of output channels',
      );
    }
    this.windows = convolutionWindows(p, first.axes - this.channelAxis - 1, (...facts) => this.fail(...facts));
    this.checkGroups();
    this.makeBlobs();
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [first] = bottom as [Tensor];
    const firstSpatial = this.channelAxis + 1;
    if (first.axes !== firstSpatial + this.windows.length || first.shape[this.channelAxis] !== this.channels) {
      throw this.badShape(
        `bottom[0] is ${first.shapeString()}, but the weights were made for ${this.channels} channels on axis ` +
          `${this.channelAxis} and ${this.windows.length} spatial axes`,
      );
    }
    bottom.forEach((other, i) => {
      if (other.hasShape(first.shape)) return;
      throw this.badShape(
        `bottom[${i}] is ${other.shapeString()}, bottom[0] is ${first.shapeString()}`,
        'all bottoms of one layer must have one shape',
      );
    });
    const lengths = this.windows.map((window, i) =>
      this.checkedLength(first.shape[firstSpatial + i]!, window, firstSpatial + i),
    );
    const batch = first.shape.slice(0, this.channelAxis);
    for (const each of top) each.reshape([...batch, this.outputs, ...lengths]);
    const items = first.countRange(0, this.channelAxis);
    const spatial = first.shape.slice(firstSpatial);
    // Without a spatial axis it is a matrix product: one position.
    const some = (shape: readonly number[]): readonly number[] => (this.windows.length === 0 ? [1] : shape);
    this.prepare([items, this.channels, ...some(spatial)], [items, this.outputs, ...some(lengths)]);
  }

  /** Stride, pad and dilation as the backend takes them, and the shape of the weights there. */
  protected geometry(): { stride: number[]; pad: number[]; dilation: number[]; group: number; weights: number[] } {
    const none = this.windows.length === 0;
    return {
      stride: none ? [1] : this.windows.map((window) => window.stride),
      pad: none ? [0] : this.windows.map((window) => window.pad),
      dilation: none ? [1] : this.windows.map((window) => window.dilation),
      group: this.param.group,
      weights: [...this.weightChannels(), ...(none ? [1] : this.windows.map((window) => window.kernel))],
    };
  }

  private checkGroups(): void {
    const { group } = this.param;
    if (group < 1) throw this.fail('group', `is ${group}`, 'use 1 or more');
    for (const [what, count] of [
      ['input', this.channels],
      ['output', this.outputs],
    ] as const) {
      if (count % group !== 0) {
        throw this.fail(
          'group',
          `is ${group}, which does not divide the ${count} ${what} channels`,
          `use a divisor of ${count}`,
        );
      }
    }
  }

  private makeBlobs(): void {
    const p = this.param;
    const weights = new Tensor(this.backend, [
      ...this.weightChannels(),
      ...this.windows.map((window) => window.kernel),
    ]);
    fill(weights, p.weightFiller, this.context.random);
    this.blobs.push(weights);
    if (!p.biasTerm) return;
    const bias = new Tensor(this.backend, [this.outputs]);
    fill(bias, p.biasFiller, this.context.random);
    this.blobs.push(bias);
  }

  private checkedLength(input: number, window: Window, axis: number): number {
    const length = this.outputLength(input, window);
    if (length >= 1) return length;
    const { kernel, dilation, pad } = window;
    const extent = dilation * (kernel - 1) + 1;
    const reach = dilation === 1 ? '' : ` (${extent} with dilation ${dilation})`;
    throw this.fail(
      'kernel_size',
      `is ${kernel}${reach}, larger than the padded input (${input} + 2·${pad}) on axis ${axis}`,
      'use a smaller kernel, a larger pad, or a larger input',
    );
  }
}
