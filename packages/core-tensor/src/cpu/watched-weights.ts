import type { Values } from '../values.ts';

/** Tells whether weights are those of the last time, and stood still since; it does not keep them alive. */
export class WatchedWeights {
  private source: WeakRef<Values> | undefined;
  private changes = -1;

  isUnchanged(weights: Values): boolean {
    const isSame = this.source?.deref() === weights;
    if (isSame && this.changes === weights.changes) return true;
    if (!isSame) this.source = new WeakRef(weights);
    this.changes = weights.changes;
    return false;
  }
}
