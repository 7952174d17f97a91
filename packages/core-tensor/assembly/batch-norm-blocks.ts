// Batch norm of values whose channels lie in blocks (see batch-norm-units.ts). Two ways with equal results: all passes over
// a unit, then the next unit, so that later passes find its rows in the caches; or a pass over all rows after the other,
// where there are too few units for the threads.
import {
  dxOf,
  dyOf,
  globalGradientRow,
  gradientRow,
  normaliseRow,
  sumGradientRow,
  sumRow,
  xOf,
} from './batch-norm-rows';
import {
  imageOf,
  rowsOf,
  settleGlobal,
  settleGradients,
  settleStatistics,
  UnitArguments,
  unitArguments,
  unitOf,
} from './batch-norm-units';

/** Units: statistics of the batch, then y. */
export function batchNormBlocks(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = unitArguments(args);
  for (let unit = begin; unit < end; unit++) {
    for (let n = 0; n < a.batch; n++) sumRow(args, a, unit, n);
    settleStatistics(a, unit);
    // Backwards: what was read last is still in the nearest cache.
    for (let n = a.batch - 1; n >= 0; n--) normalise(args, a, unit, n);
  }
}

/** Units: gradients of scale and bias, then dx. */
export function batchNormBlocksBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = unitArguments(args);
  for (let unit = begin; unit < end; unit++) {
    for (let n = 0; n < a.batch; n++) sumGradient(args, a, unit, n);
    settleGradients(a, unit);
    if (dxOf(args).at == 0) continue;
    for (let n = a.batch - 1; n >= 0; n--) gradient(args, a, unit, n);
  }
}

export function batchNormBlocksSums(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = unitArguments(args);
  for (let row = begin; row < end; row++) sumRow(args, a, unitOf(xOf(args), a, row), imageOf(xOf(args), a, row));
}

export function batchNormBlocksStatistics(args: usize, begin: i32, end: i32, thread: i32): void {
  for (let unit = begin; unit < end; unit++) settleStatistics(unitArguments(args), unit);
}

export function batchNormBlocksNormalise(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = unitArguments(args);
  const last = rowsOf(a) - 1;
  for (let r = begin; r < end; r++) {
    normalise(args, a, unitOf(xOf(args), a, last - r), imageOf(xOf(args), a, last - r));
  }
}

export function batchNormBlocksGradientSums(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = unitArguments(args);
  for (let row = begin; row < end; row++) {
    sumGradient(args, a, unitOf(xOf(args), a, row), imageOf(xOf(args), a, row));
  }
}

export function batchNormBlocksGradientStatistics(args: usize, begin: i32, end: i32, thread: i32): void {
  for (let unit = begin; unit < end; unit++) settleGradients(unitArguments(args), unit);
}

export function batchNormBlocksGradient(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = unitArguments(args);
  const last = rowsOf(a) - 1;
  for (let r = begin; r < end; r++) {
    gradient(args, a, unitOf(xOf(args), a, last - r), imageOf(xOf(args), a, last - r));
  }
}

export function batchNormBlocksGlobal(args: usize, begin: i32, end: i32, thread: i32): void {
  for (let unit = begin; unit < end; unit++) settleGlobal(unitArguments(args), unit);
}

/** Rows under given statistics: dx. */
export function batchNormBlocksGlobalBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = unitArguments(args);
  for (let row = begin; row < end; row++) {
    globalGradientRow(args, a, unitOf(dyOf(args), a, row), imageOf(dyOf(args), a, row));
  }
}

function normalise(args: usize, a: UnitArguments, unit: i32, n: i32): void {
  if (!a.relu) normaliseRow(0, args, a, unit, n);
  else if (a.slope == 0) normaliseRow(1, args, a, unit, n);
  else normaliseRow(2, args, a, unit, n);
}

function sumGradient(args: usize, a: UnitArguments, unit: i32, n: i32): void {
  if (a.relu) sumGradientRow(true, args, a, unit, n);
  else sumGradientRow(false, args, a, unit, n);
}

function gradient(args: usize, a: UnitArguments, unit: i32, n: i32): void {
  if (a.relu) gradientRow(true, args, a, unit, n);
  else gradientRow(false, args, a, unit, n);
}
