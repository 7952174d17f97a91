import { type Backend, type SolverUpdateOperation, type UpdateParameter, Values } from '@jacinto/core-tensor';
import type { NetParam } from '@jacinto/net';
import type { SolverParameter } from '@jacinto/proto';
import { clipFactor } from './clip.ts';
import { larcRate } from './larc.ts';
import { SquaredNorms } from './norms.ts';
import { type SolverType, updateRates } from './update-rules.ts';

export interface UpdateFacts {
  iter: number;
  /** Rate and weight decay before lr_mult and decay_mult. */
  rate: number;
  momentum: number;
  weightDecay: number;
  /** Factor that the loss layers put on the gradients (global gradient scaling); divided out again. */
  gradientScale: number;
}

export interface UpdateReport {
  /** L2 norm of the gradients as applied (averaged, unscaled), before regularisation; only where norms were needed. */
  gradientNorm?: number;
  /** Where the gradients were scaled down: their norm before (not divided by iter_size, as in Caffe), and the factor. */
  clipped?: { norm: number; factor: number };
}

/**
 * Updates all learnable parameters of a net in one backend call, after averaging over iter_size, undoing the gradient
 * scale, and clipping. Holds the history; order as in Caffe's solver state. History memory is taken at once.
 */
export class ParameterUpdater {
  readonly history: readonly (readonly Values[])[];
  private readonly params: readonly NetParam[];
  private readonly parameters: UpdateParameter[];
  private readonly operation: SolverUpdateOperation;
  private readonly type: SolverType;
  private readonly p: SolverParameter;
  private readonly diffNorms: SquaredNorms | undefined;
  private readonly weightNorms: SquaredNorms | undefined;

  constructor(
    backend: Backend,
    type: SolverType,
    p: SolverParameter,
    params: readonly NetParam[],
    options: { scaled: boolean; bvlc: boolean },
  ) {
    const counts = params.map(({ tensor }) => tensor.count);
    // BVLC Caffe takes delta as written, however small
    this.type = options.bvlc ? { ...type, leastDelta: 0 } : type;
    this.p = p;
    this.params = params;
    this.history = counts.map((count) => Array.from({ length: type.history }, () => new Values(backend, count, 'f32')));
    this.parameters = params.map(({ tensor }, i) => ({
      weights: tensor.data,
      diff: tensor.diff,
      history: this.history[i]!,
      rate: 0,
      decay: 0,
    }));
    const regularization = p.regularizationType === 'L1' ? 'L1' : 'L2';
    this.operation = backend.solverUpdate({ rule: type.rule, counts, regularization });
    if (p.clipGradients >= 0 || p.larc || options.scaled) this.diffNorms = new SquaredNorms(backend, counts);
    if (p.larc) this.weightNorms = new SquaredNorms(backend, counts);
  }

  /** One step. The gradients are 0 afterwards unless snapshot_diff wants them kept. */
  async update({ iter, rate, momentum, weightDecay, gradientScale }: UpdateFacts): Promise<UpdateReport> {
    const { p, parameters } = this;
    // tensors may have taken new memory since (weights of another shape copied in)
    this.params.forEach(({ tensor }, i) => {
      parameters[i]!.weights = tensor.data;
      parameters[i]!.diff = tensor.diff;
    });
    const diffs = await this.diffNorms?.of(parameters.map(({ diff }) => diff));
    const report: UpdateReport = {};
    let gradientFactor = 1 / (p.iterSize * gradientScale);
    if (diffs !== undefined && p.clipGradients >= 0) {
      const norm = Math.sqrt(diffs.reduce((sum, square) => sum + square, 0)) / gradientScale;
      const factor = clipFactor(norm, p.clipGradients);
      if (factor !== 1) report.clipped = { norm, factor };
      gradientFactor *= factor;
    }
    if (diffs !== undefined) {
      report.gradientNorm = Math.sqrt(diffs.reduce((sum, square) => sum + square, 0)) * gradientFactor;
    }
    const weights = await this.weightNorms?.of(parameters.map(({ weights }) => weights));
    this.params.forEach(({ lrMult, decayMult }, i) => {
      const parameter = parameters[i]!;
      parameter.decay = weightDecay * decayMult;
      parameter.rate =
        weights === undefined
          ? rate * lrMult
          : larcRate({ policy: p.larcPolicy, eta: p.larcEta }, rate, lrMult, {
              weights: Math.sqrt(weights[i]!),
              gradient: Math.sqrt(diffs![i]!) * gradientFactor,
            });
    });
    this.operation.run(parameters, updateRates(this.type, p, { iter, momentum, gradientFactor }), {
      clear: !p.snapshotDiff,
    });
    return report;
  }

  dispose(): void {
    for (const arrays of this.history) for (const values of arrays) values.release();
    this.diffNorms?.dispose();
    this.weightNorms?.dispose();
  }
}
