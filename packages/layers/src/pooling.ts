import { type PoolingOperation, randomAt, type Tensor, Values } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import { has, Phase, PoolingParameter } from '@jacinto/proto';
import { type PoolingWindow, pooledLength } from './support/pooled-length.ts';
import { type StochasticShape, stochasticTesting, stochasticTraining } from './support/stochastic-pooling.ts';
import { whenRead } from './support/when-read.ts';

const { MAX, AVE, STOCHASTIC } = PoolingParameter.PoolMethod;
const { FLOOR } = PoolingParameter.RoundMode;

/**
 * Maximum, average or a random pick over sliding windows (Caffe: Pooling). bottom[0] N,C,H,W → top[0] N,C,H',W' with
 * H' = ⌈(H + 2·pad − kernel) / stride⌉ + 1, one less where that window would start beyond the image and its pad.
 * MAX (default) may fill top[1] with each winner's h·W+w, the first of equals. AVE divides by the window's area inside
 * the padded image, so padding counts. STOCHASTIC picks in proportion to the values in TRAIN and gives Σx²/Σx in TEST.
 *
 * kernel_size, or kernel_h and kernel_w; stride default 1; pad default 0, smaller than the kernel; global_pooling: one
 * window over the whole image. BVLC's round_mode: FLOOR (default CEIL) leaves out windows that reach beyond the padding.
 */
export class PoolingLayer extends Layer<PoolingParameter> {
  static override readonly type = 'Pooling';
  static override readonly paramField = 'poolingParam';
  private windows: readonly [PoolingWindow, PoolingWindow] | undefined;
  private shape!: StochasticShape;
  private operation: PoolingOperation | undefined;
  private readonly mask = new Values(this.backend);
  /** Whether forward keeps the winners of a maximum: where backward or top[1] wants them. */
  private keepsMask = true;

  override topArity(): Arity {
    return this.param.pool === MAX ? { min: 1, max: 2 } : { exact: 1 };
  }

  override setUp(): void {
    const p = this.param;
    const sized = has(p, 'kernelSize') || has(p, 'kernelH') || has(p, 'kernelW');
    if (p.globalPooling) {
      if (sized)
        throw this.fail('kernel_size', 'is given beside global_pooling', 'leave it out: the window is the image');
      const moved = (['pad', 'padH', 'padW', 'stride', 'strideH', 'strideW'] as const).filter((field) => has(p, field));
      const wrong = moved.find((field) => p[field] !== (field.startsWith('pad') ? 0 : 1));
      if (wrong !== undefined) {
        throw this.fail(
          wrong.replace(/[HW]$/, (axis) => `_${axis.toLowerCase()}`),
          `is ${p[wrong]} beside global_pooling`,
          'use pad 0 and stride 1',
        );
      }
      return;
    }
    if (has(p, 'kernelSize') && (has(p, 'kernelH') || has(p, 'kernelW'))) {
      throw this.fail('kernel_size', 'is given beside kernel_h or kernel_w', 'give one of the two forms');
    }
    const own = (field: 'padH' | 'padW'): number | undefined => (has(p, field) ? p[field] : undefined);
    this.windows = [
      this.window('h', p.kernelH, p.strideH, own('padH')),
      this.window('w', p.kernelW, p.strideW, own('padW')),
    ];
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const [y, given] = top as [Tensor, Tensor?];
    if (x.axes !== 4) throw this.badShape(`bottom[0] is ${x.shapeString()}`, 'pooling needs 4 axes: N, C, H, W');
    const [n, c, h, w] = x.shape4();
    const whole = (kernel: number): PoolingWindow => ({ kernel, stride: 1, pad: 0 });
    const windows = this.windows ?? ([whole(h), whole(w)] as const);
    const clip = windows.some(({ pad }) => pad > 0);
    const lengths = ([h, w] as const).map((length, i) => {
      const pooled = pooledLength(length, windows[i]!, clip, this.param.roundMode === FLOOR);
      if (pooled >= 1) return pooled;
      const { kernel, pad } = windows[i]!;
      throw this.fail(
        'kernel_size',
        `is ${kernel}, too large for the padded input (${length} + 2·${pad}) on axis ${i + 2}`,
        'use a smaller kernel',
      );
    }) as [number, number];
    y.reshape([n, c, ...lengths]);
    given?.reshapeLike(y);
    this.shape = { planes: n * c, input: [h, w], output: lengths, windows };
    this.keepsMask = given !== undefined || this.context.phase === Phase.TRAIN || this.context.forceBackward === true;
    if (this.param.pool !== AVE) this.mask.resize(y.count);
    if (this.param.pool === STOCHASTIC && this.context.phase === Phase.TEST) return;
    const each = (field: keyof PoolingWindow): [number, number] => [windows[0][field], windows[1][field]];
    this.operation = this.backend.pooling({
      method: this.param.pool === AVE ? 'average' : 'max', // a random pick goes back as a maximum does
      x: x.spec,
      y: y.spec,
      kernel: each('kernel'),
      stride: each('stride'),
      pad: each('pad'),
    });
  }

  override onlyRunsOperations(): boolean {
    return this.param.pool === AVE || (this.param.pool === MAX && !this.keepsMask);
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const x = bottom[0]!.data;
    const y = top[0]!.data;
    if (this.param.pool !== STOCHASTIC) {
      return this.operation!.forward(x, y, this.keepsMask ? this.maskFor(top) : undefined);
    }
    if (this.context.phase === Phase.TEST) {
      return whenRead([x], (values) => stochasticTesting(this.shape, values, y.hostWrite()));
    }
    const { seed, index: stream } = this.context;
    const draw = this.context.forwardCount();
    const uniform = (i: number): number => randomAt(seed, stream, draw, i) / 2 ** 32;
    return whenRead([x], (values) =>
      stochasticTraining(this.shape, values, y.hostWrite(), this.mask.hostWrite(), uniform),
    );
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    if (this.operation === undefined) super.backward(top, propagateDown, bottom);
    else if (propagateDown[0]) {
      if (this.param.pool === MAX && !this.keepsMask) this.findWinners(bottom[0]!.data, top[0]!.count);
      this.operation.backward(top[0]!.diff, bottom[0]!.diff, this.maskFor(top));
    }
  }

  /** For a backward pass that nobody has announced. The top may have been changed in place. */
  private findWinners(x: Values, count: number): void {
    const y = new Values(this.backend, count);
    this.operation!.forward(x, y, this.mask);
    y.release();
  }

  override dispose(): void {
    super.dispose();
    this.mask.release();
  }

  private maskFor(top: readonly Tensor[]): Values | undefined {
    if (this.param.pool === AVE) return undefined;
    return top[1]?.data ?? this.mask;
  }

  private window(axis: 'h' | 'w', kernelGiven?: number, strideGiven?: number, padGiven?: number): PoolingWindow {
    const p = this.param;
    const name = (field: string, given: unknown): string =>
      given === undefined ? field : `${field.replace('_size', '')}_${axis}`;
    const kernel = kernelGiven ?? p.kernelSize;
    const [stride, pad] = [strideGiven ?? p.stride, padGiven ?? p.pad];
    if (kernel === undefined) {
      throw this.fail(
        'kernel_size',
        'is missing',
        'give kernel_size, or kernel_h and kernel_w, or global_pooling: true',
      );
    }
    if (kernel < 1) throw this.fail(name('kernel_size', kernelGiven), `is ${kernel}`, 'use 1 or more');
    if (stride < 1) throw this.fail(name('stride', strideGiven), `is ${stride}`, 'use 1 or more');
    if (pad > 0 && p.pool === STOCHASTIC)
      throw this.fail(name('pad', padGiven), `is ${pad}`, 'stochastic pooling takes no pad: use 0');
    if (pad >= kernel) {
      throw this.fail(
        name('pad', padGiven),
        `is ${pad}, not smaller than the kernel (${kernel})`,
        `use 0 to ${kernel - 1}`,
      );
    }
    return { kernel, stride, pad };
  }
}
