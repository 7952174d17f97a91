import { type BatchNormOperation, Tensor, Values } from '@jacinto/core-tensor';
import { type Fused, fill, Layer, type Rectifier } from '@jacinto/net';
import { type BatchNormParameter, CaffeError, type FillerParameter, has, Phase } from '@jacinto/proto';
import {
  effectiveEps,
  nextFactor,
  runningUpdate,
  type StatisticsForm,
  statisticsFactor,
  statisticsForm,
} from './support/batch-norm-statistics.ts';
import { constantFiller } from './support/fixed-filler.ts';
import { GlobalScaleGradient } from './support/global-scale-gradient.ts';
import { isInPlace } from './support/share.ts';
import { whenRead } from './support/when-read.ts';

/**
 * Normalisation by channel (Caffe: BatchNorm; Ioffe & Szegedy 2015). bottom[0] and top[0] N,C,…; in place too.
 * y = (x − mean)/√(variance + eps), then ·γ + β where scale_bias. TRAIN: mean and (biased) variance of the batch, which
 * also move the running statistics; TEST: the running statistics.
 *
 * Blobs: mean [C], variance [C], a factor [1], and with scale_bias (the flag, or scale_filler or bias_filler given)
 * γ [C] (default 1) and β [C] (default 0). Their lr_mult is 0, 0, 0, 1, 1 whatever the prototxt says.
 *
 * Two forms, told apart by the factor's value when it was written from outside (weights were loaded):
 * - caffe-jacinto and NVIDIA (factor 1, and every net without loaded weights): eps at least 1e-5; running =
 *   f·running + (1 − f)·batch with f = moving_average_fraction (default 0.999), at iteration 0 the batch alone; the
 *   running variance is unbiased, as cuDNN's; use_global_stats plays no part.
 * - BVLC (three blobs, another factor): the blobs are sums; see `support/batch-norm-statistics.ts`. eps as given;
 *   use_global_stats, where given, decides instead of the phase.
 *
 * As caffe-jacinto 0.17 on a CPU (`compat` of the net): the factor is ignored; the first two TRAIN passes of this layer
 * object copy the batch's statistics; the running variance is biased, and holds eps.
 */
export class BatchNormLayer extends Layer<BatchNormParameter> {
  static override readonly type = 'BatchNorm';
  static override readonly paramField = 'batchNormParam';
  private channels = 0;
  private form: StatisticsForm = 'averages';
  private knownFactor = 1;
  private recognised = false;
  private spec!: { shape: readonly number[]; dataType: 'f32' };
  /** Prepared for the present shape, by the slope of the ReLU that follows. */
  private readonly operations = new Map<number | undefined, BatchNormOperation>();
  private operation!: BatchNormOperation;
  private relu: Rectifier | undefined;
  private usedGlobal = false;
  private readonly batchMean = new Values(this.backend);
  private readonly invStd = new Values(this.backend);
  /** The input, where it is overwritten. */
  private readonly stash = new Values(this.backend);
  private globalGradient: GlobalScaleGradient | undefined;
  private trainingPasses = 0;

  override forcedLrMult(index: number): number {
    return index < 3 ? 0 : 1;
  }

  override setUp(bottom: readonly Tensor[]): void {
    const p = this.param;
    const [x] = bottom as [Tensor];
    if (x.axes === 0)
      throw this.badShape('bottom[0] is a scalar', 'BatchNorm needs an axis of items, and one of channels');
    this.channels = x.axes === 1 ? 1 : x.shape[1]!;
    const blob = (length: number, filler?: FillerParameter): void => {
      const tensor = new Tensor(this.backend, [length]);
      fill(tensor, filler, this.context.random);
      this.blobs.push(tensor);
    };
    blob(this.channels);
    blob(this.channels);
    blob(1, constantFiller(1));
    if (!p.scaleBias && !has(p, 'scaleFiller') && !has(p, 'biasFiller')) return;
    blob(this.channels, p.scaleFiller ?? constantFiller(1));
    blob(this.channels, p.biasFiller);
  }

  override reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void {
    const [x] = bottom as [Tensor];
    const channels = x.axes === 1 ? 1 : x.shape[1];
    if (channels !== this.channels) {
      throw this.badShape(`bottom[0] is ${x.shapeString()}, but the statistics are of ${this.channels} channels`);
    }
    if (x.count === 0) throw this.badShape(`bottom[0] is ${x.shapeString()}: nothing to normalise`);
    top[0]!.reshapeLike(x);
    this.spec = { shape: x.axes === 1 ? [x.count, 1] : x.shape, dataType: 'f32' };
    this.batchMean.resize(this.channels);
    this.invStd.resize(this.channels);
    this.stash.resize(x.count);
    this.prepare();
  }

  override fuseRectifier(relu: Rectifier | undefined): Fused {
    this.relu = relu;
    this.choose();
    if (relu === undefined) return 'nothing';
    return this.globalGradient === undefined ? 'both' : 'forward';
  }

  override forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const later = this.recogniseForm();
    if (later === undefined) return this.normalize(bottom, top);
    else return later.then(() => this.normalize(bottom, top));
  }

  override backward(top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    const [x, y] = [bottom[0]!, top[0]!];
    const [mean, variance, , scale] = this.values();
    const dx = propagateDown[0] ? x.diff : undefined;
    const dScale = scale !== undefined && this.needsParamGradient(3) ? this.blobs[3]!.diff : undefined;
    const dBias = scale !== undefined && this.needsParamGradient(4) ? this.blobs[4]!.diff : undefined;
    const accumulate = { accumulate: true };
    if (!this.usedGlobal) {
      const input = isInPlace(x, y) ? this.stash : x.data;
      const statistics = { mean: this.batchMean, invStd: this.invStd };
      this.operation.backwardTraining(
        { x: input, y: y.data, dy: y.diff, dx, scale, ...statistics, dScale, dBias },
        accumulate,
      );
      return;
    }
    if (scale !== undefined && (dScale !== undefined || dBias !== undefined)) {
      if (this.globalGradient === undefined) {
        throw new CaffeError({
          code: 'unsupported',
          problem: 'kept nothing for the gradient of scale and bias in a TEST net',
          fix: 'build the net with force_backward: true',
        });
      }
      const input = isInPlace(x, y) ? undefined : x.data;
      this.globalGradient.run({ x: input, dy: y.diff, scale, mean, variance, dScale, dBias });
    }
    const options = { statisticsFactor: statisticsFactor(this.form, this.knownFactor) };
    if (dx !== undefined) this.operation.backwardGlobal({ y: y.data, dy: y.diff, dx, scale, variance }, options);
  }

  override dispose(): void {
    super.dispose();
    for (const values of [this.batchMean, this.invStd, this.stash]) values.release();
    this.globalGradient?.dispose();
  }

  private normalize(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const [x, y] = [bottom[0]!, top[0]!];
    const [mean, variance, factor, scale, bias] = this.values();
    this.usedGlobal = this.usesGlobal();
    if (this.usedGlobal) {
      if (isInPlace(x, y)) this.globalGradient?.keep(x.data);
      const options = { statisticsFactor: statisticsFactor(this.form, this.knownFactor) };
      this.operation.forwardGlobal({ x: x.data, y: y.data, scale, bias, mean, variance }, options);
      return;
    }
    if (this.context.compat !== undefined) return this.normalizeAsOnCpu(bottom, top);
    const update = runningUpdate(this.form, {
      values: x.count / this.channels,
      fraction: this.param.movingAverageFraction,
      iteration: this.context.iteration(),
    });
    const stash = isInPlace(x, y) ? this.stash : undefined;
    const statistics = { mean: this.batchMean, invStd: this.invStd, runningMean: mean, runningVariance: variance };
    this.operation.forwardTraining({ x: x.data, y: y.data, stash, scale, bias, ...statistics }, update);
    if (this.form === 'averages') return;
    this.knownFactor = nextFactor(this.knownFactor, this.param.movingAverageFraction);
    factor.hostWrite()[0] = this.knownFactor;
  }

  /** Training as the CPU code of caffe-jacinto 0.17 does it. */
  private normalizeAsOnCpu(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void> {
    const [x, y] = [bottom[0]!, top[0]!];
    const [runningMean, runningVariance, , scale, bias] = this.values();
    const keep = this.trainingPasses++ < 2 ? 0 : this.param.movingAverageFraction;
    const stash = isInPlace(x, y) ? this.stash : undefined;
    const statistics = { mean: this.batchMean, invStd: this.invStd, runningMean, runningVariance };
    const update = { keep, add: 1 - keep, varianceCorrection: 1 };
    this.operation.forwardTraining({ x: x.data, y: y.data, stash, scale, bias, ...statistics }, update);
    return whenRead([runningVariance], () => {
      const values = runningVariance.hostUpdate<Float32Array>();
      const eps = (1 - keep) * effectiveEps(this.form, this.param.eps);
      for (let c = 0; c < values.length; c++) values[c]! += eps;
    });
  }

  private values(): [mean: Values, variance: Values, factor: Values, scale?: Values, bias?: Values] {
    return this.blobs.map((blob) => blob.data) as ReturnType<BatchNormLayer['values']>;
  }

  /** Reads the factor, which decides the form; at once, or when it has arrived from the backend. */
  private recogniseForm(): void | Promise<void> {
    const factor = this.blobs[2]!.data;
    if (this.blobs.length > 3 || this.context.compat !== undefined) return; // never sums
    // Weights are loaded on the host. What a backend holds was touched by the solver, at rate 0: averages stay averages.
    if (factor.place === 'device' && this.recognised && this.form === 'averages') return;
    return whenRead([factor], ([value]) => {
      this.recognised = true;
      this.knownFactor = value!;
      // Sums stay sums when a factor passes 1 (a layer that shares the blobs may have moved it).
      if (this.form === 'sums' || statisticsForm(this.blobs.length, value!) === 'averages') return;
      this.form = 'sums';
      this.prepare();
    });
  }

  private usesGlobal(): boolean {
    const byPhase = this.context.phase === Phase.TEST;
    const { param } = this;
    return this.form === 'sums' && has(param, 'useGlobalStats') ? param.useGlobalStats : byPhase;
  }

  private prepare(): void {
    const eps = effectiveEps(this.form, this.param.eps);
    const affine = this.blobs.length > 3;
    this.operations.clear();
    this.choose();
    this.globalGradient?.dispose();
    const wanted = affine && this.context.phase === Phase.TEST && this.context.forceBackward === true;
    this.globalGradient = wanted ? new GlobalScaleGradient(this.backend, this.spec, eps) : undefined;
  }

  /** The operation with, or without, the ReLU that follows. */
  private choose(): void {
    const slope = this.relu?.slope;
    let operation = this.operations.get(slope);
    if (operation === undefined) {
      const affine = this.blobs.length > 3;
      const eps = effectiveEps(this.form, this.param.eps);
      operation = this.backend.batchNorm({ x: this.spec, eps, scale: affine, bias: affine, relu: this.relu });
      this.operations.set(slope, operation);
    }
    this.operation = operation;
  }
}
