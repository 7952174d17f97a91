import type { Tensor, Values } from '@jacinto/core-tensor';
import type { SavedNetState } from '@jacinto/net';
import { type BlobProto, blobShape, blobValues, create, makeBlob, type SolverState } from '@jacinto/proto';
import { addingFacts, CaffeError } from '@jacinto/proto/errors';
import type { SmoothedLoss } from './smoothed-loss.ts';

/**
 * What Jacinto adds to Caffe's solver state so that a resumed run gives the very losses of an uninterrupted one. Kept
 * as JSON in SolverState.jacinto_state; Caffe ignores the field.
 */
export interface ExactState {
  version: 1;
  /** Positions of data layers, seed and counter of random numbers. */
  net: SavedNetState;
  testNets: SavedNetState[];
  window: SmoothedLoss;
  /** Factor of the global gradient scaling. */
  gradientScale: number;
  /** Epochs of test_and_snapshot_last_epochs that are still to begin. */
  lastEpochsLeft: number;
  /** What plug-ins keep, by their names; absent in states of versions without it. */
  plugins?: Record<string, unknown>;
}

/** History arrays as blobs, in Caffe's order: the first array of every parameter, then the second of every one. */
export async function historyBlobs(
  history: readonly (readonly Values[])[],
  shapes: readonly (readonly number[])[],
  format: 'nv' | 'bvlc',
): Promise<BlobProto[]> {
  const blobs: BlobProto[] = [];
  for (let array = 0; array < (history[0]?.length ?? 0); array++) {
    for (const [index, arrays] of history.entries()) {
      blobs.push(makeBlob(shapes[index]!, await arrays[array]!.read(), { format }));
    }
  }
  return blobs;
}

/** Reads history back. @throws CaffeError where the number of arrays or their counts are not those of the net. */
export function restoreHistory(
  blobs: readonly BlobProto[],
  params: readonly Tensor[],
  history: readonly (readonly Values[])[],
): void {
  const arrays = history[0]?.length ?? 0;
  if (blobs.length !== params.length * arrays) {
    throw new CaffeError({
      code: 'bad-shape',
      field: 'history',
      problem: `has ${blobs.length} arrays, but this solver keeps ${params.length * arrays} (${params.length} parameters, ${arrays} each)`,
      fix: 'resume with the net and the solver type that wrote the snapshot',
    });
  }
  blobs.forEach((blob, i) => {
    const index = i % params.length;
    addingFacts({ field: `history[${i}]` }, () =>
      restoreArray(blob, params[index]!, history[index]![Math.floor(i / params.length)]!),
    );
  });
}

function restoreArray(blob: BlobProto, param: Tensor, values: Values): void {
  const source = blobValues(blob);
  if (source.length !== param.count) {
    throw new CaffeError({
      code: 'bad-shape',
      problem: `has the shape ${blobShape(blob).join(' ')}, but its parameter ${param.shapeString()}`,
      fix: 'resume with the net that wrote the snapshot',
    });
  }
  values.hostWrite().set(source);
}

/** @throws CaffeError 'bad-file' where the text is not what this version writes. */
export function exactStateOf(state: SolverState): ExactState | undefined {
  if (state.jacintoState === undefined) return undefined;
  try {
    const exact = JSON.parse(state.jacintoState) as ExactState;
    if (exact.version === 1 && Array.isArray(exact.testNets) && Array.isArray(exact.window.losses)) return exact;
  } catch {
    // worded below
  }
  throw new CaffeError({
    code: 'bad-file',
    field: 'jacinto_state',
    problem: 'is not of a form this version reads',
    fix: 'resume with the version that wrote the snapshot',
  });
}

export function makeState(fields: {
  iter: number;
  step: number;
  learnedNet: string;
  history: BlobProto[];
  exact: ExactState;
}): SolverState {
  return create('SolverState', {
    iter: fields.iter,
    currentStep: fields.step,
    learnedNet: fields.learnedNet,
    history: fields.history,
    jacintoState: JSON.stringify(fields.exact),
  });
}
