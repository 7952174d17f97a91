import type { ConvolutionOperation, ConvolutionSpec } from '../operations/index.ts';
import type { Values } from '../values.ts';
import type { Engine } from './engine.ts';
import { canBeSparse, type SparseConvolution, sparseConvolution } from './sparse-convolution.ts';
import { countNonzeros } from './sparse-weights.ts';
import { WatchedWeights } from './watched-weights.ts';

/** true: where measured to be faster; 'always': wherever enough weights are zero; false: never. */
export type SparseKernels = boolean | 'always';

/** Share of zeros from which sparse kernels are tried. */
const leastZeros = 0.3;
/** Passes with unchanged weights after which they are taken to be constant. */
const passesUnchanged = 2;
/** A layer is measured for so long, but each kernel so often at least, and no more often than so. */
const measureMs = 20;
const leastRounds = 4;
const mostRounds = 8;
/** Once an engine, for the optimizing compiler to have done the kernels. */
const warmUpMs = 60;
const warmEngines = new WeakSet<Engine>();

/**
 * A convolution that takes sparse kernels once its weights have stood still and where they pay. Training, whose weights
 * change, and operations that were asked for a gradient never do.
 */
export function withSparseKernels(
  engine: Engine,
  spec: ConvolutionSpec,
  dense: ConvolutionOperation,
  kernels: SparseKernels,
): ConvolutionOperation {
  if (kernels === false || !canBeSparse(spec)) return dense;
  const slope = spec.relu?.slope;
  let trains = false;
  const watched = new WatchedWeights();
  let passes = 0;
  let sparse: SparseConvolution | undefined;
  let choice: { nonzeros: number; isSparse: boolean } | undefined;

  function runSparse(chosen: SparseConvolution, x: Values, b: Values | undefined, y: Values): void {
    chosen.run(x, spec.bias ? b : undefined, y, slope);
  }

  function choose(x: Values, w: Values, b: Values | undefined, y: Values): SparseConvolution | undefined {
    const weights = w.hostRead();
    const nonzeros = countNonzeros(weights);
    if (nonzeros > (1 - leastZeros) * weights.length) return undefined;
    if (kernels !== 'always' && choice?.nonzeros === nonzeros && !choice.isSparse) return undefined;
    const made = sparseConvolution(engine, spec, weights);
    if (kernels === 'always' || choice?.nonzeros === nonzeros) return made;
    const isSparse = isFaster(
      engine,
      () => runSparse(made, x, b, y),
      () => dense.forward(x, w, b, y),
    );
    choice = { nonzeros, isSparse };
    return isSparse ? made : undefined;
  }

  return {
    forward(x, w, b, y) {
      if (trains) return dense.forward(x, w, b, y);
      if (!watched.isUnchanged(w)) {
        passes = 0;
        sparse = undefined;
      }
      if (sparse === undefined && ++passes === passesUnchanged) sparse = choose(x, w, b, y);
      if (sparse === undefined) dense.forward(x, w, b, y);
      else runSparse(sparse, x, b, y);
    },
    backwardData(dy, w, dx) {
      trains = true;
      dense.backwardData(dy, w, dx);
    },
    backwardWeights(x, dy, dw, db, options) {
      trains = true;
      dense.backwardWeights(x, dy, dw, db, options);
    },
  };
}

/** Whether `a` is faster than `b`, by the best of some runs that take turns. */
function isFaster(engine: Engine, a: () => void, b: () => void): boolean {
  const timed = (run: () => void): number => {
    const start = performance.now();
    run();
    return performance.now() - start;
  };
  if (!warmEngines.has(engine)) {
    for (let spent = 0; spent < warmUpMs; spent += timed(a) + timed(b)) {}
    warmEngines.add(engine);
  }
  const best = [Infinity, Infinity] as [number, number];
  for (let round = 0, spent = 0; round < mostRounds && (round < leastRounds || spent < measureMs); round++) {
    const [first, second] = [timed(a), timed(b)];
    best[0] = Math.min(best[0], first);
    best[1] = Math.min(best[1], second);
    spent += first + second;
  }
  return best[0] < best[1];
}
