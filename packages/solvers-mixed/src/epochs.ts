import type { Net } from '@jacinto/net';
import type { SolverParameter } from '@jacinto/proto';

/** Iterations of one epoch, a fraction where it is no whole number; undefined where no data layer knows its size. */
export function iterationsPerEpoch(net: Net, { iterSize }: Pick<SolverParameter, 'iterSize'>): number | undefined {
  for (const { layer } of net.layers) {
    // any layer may have it: a data layer that reads a set of known size
    const { epoch } = layer as { epoch?: { records: number; batch: number } };
    if (epoch !== undefined && epoch.records > 0 && epoch.batch > 0) return epoch.records / (epoch.batch * iterSize);
  }
  return undefined;
}

/**
 * Decides for `test_and_snapshot_last_epochs: N` when to test and snapshot (NVCaffe): once as each of the last N−1
 * epochs begins, and at the last iteration. `remaining` starts at N−1.
 */
export function lastEpochsDue(
  at: { iter: number; stopIter: number; maxIter: number; iterationsPerEpoch: number },
  remaining: number,
): boolean {
  if (at.iter + 1 === at.stopIter) return true;
  return remaining > 0 && at.iter / at.iterationsPerEpoch + remaining > at.maxIter / at.iterationsPerEpoch;
}
