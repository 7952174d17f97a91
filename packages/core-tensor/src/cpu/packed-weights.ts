import { CaffeError } from '@jacinto/proto/errors';
import type { Values } from '../values.ts';
import type { Engine, Table } from './engine.ts';
import { WatchedWeights } from './watched-weights.ts';

/**
 * Weights in the order that a kernel wants, `bytes` of them. Packed before each run into the workspace that all
 * operations share; from the second run in a row with unchanged weights on (inference) into memory of their own, where
 * they stay until the weights change. Gives where they lie.
 */
export function packedWeights(engine: Engine, bytes: number, pack: (weights: Values, to: number) => void) {
  engine.reserveWorkspace({ shared: bytes });
  const watched = new WatchedWeights();
  let own: Table | undefined;
  let mayKeep = true;
  return (weights: Values): number => {
    const isSame = watched.isUnchanged(weights);
    if (isSame && own !== undefined) return own.address;
    if (isSame && mayKeep) {
      own = memoryFor(engine, bytes);
      mayKeep = own !== undefined;
    }
    const to = own?.address ?? engine.sharedWorkspace();
    pack(weights, to);
    return to;
  };
}

/** Undefined where memory is short: then they are packed each time, as in training. */
function memoryFor(engine: Engine, bytes: number): Table | undefined {
  try {
    return engine.table(Math.ceil(bytes / 4));
  } catch (cause) {
    if (cause instanceof CaffeError && cause.facts.code === 'limit') return undefined;
    throw cause;
  }
}
