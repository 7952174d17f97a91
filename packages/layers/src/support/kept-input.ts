import { type Tensor, Values } from '@jacinto/core-tensor';
import type { LayerContext } from '@jacinto/net';
import { CaffeError, Phase } from '@jacinto/proto';
import { isInPlace } from './share.ts';

/**
 * The input of a layer that may overwrite it: working in place, `forward` saves it at `place()`, `backward` takes it
 * from `read()`. Copies are kept in TRAIN, and in a TEST net that was built with force_backward; elsewhere they would
 * cost time and memory that nobody asked for.
 */
export class KeptInput {
  private readonly keeps: boolean;
  private readonly copy: Values;
  private kept = false;

  constructor(context: LayerContext) {
    this.keeps = context.phase === Phase.TRAIN || context.forceBackward === true;
    this.copy = new Values(context.backend);
  }

  /** Where forward must save the input; undefined where it stays readable, or is not `wanted`. */
  place(bottom: Tensor, top: Tensor, wanted = true): Values | undefined {
    this.kept = wanted && this.keeps && isInPlace(bottom, top);
    if (!this.kept) return undefined;
    this.copy.resize(bottom.count);
    return this.copy;
  }

  /** The input. @throws CaffeError 'unsupported' where it was overwritten and not kept. */
  read(bottom: Tensor, top: Tensor): Values {
    if (!isInPlace(bottom, top)) return bottom.data;
    if (this.kept) return this.copy;
    throw new CaffeError({
      code: 'unsupported',
      problem: 'works in place and kept no input for a gradient in a TEST net',
      fix: 'build the net with force_backward: true',
    });
  }

  dispose(): void {
    this.copy.release();
  }
}
