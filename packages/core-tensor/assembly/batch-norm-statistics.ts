// Statistics of channels, and what a row of a channel needs of them (its coefficients), both in the shared workspace.
// Every pass goes through memory from front to back: faster than a channel at a time, whose rows lie far apart.
import { sharedWorkspace } from './control';
import { keep, PIECE, sumLanes } from './vector';

@unmanaged
class SumsArguments {
  x: usize;
  plane: i32;
}

@unmanaged
class StatisticsArguments {
  mean: usize;
  invStd: usize;
  scale: usize; // 0: none, as all below
  bias: usize;
  runningMean: usize;
  runningVariance: usize;
  batch: i32;
  channels: i32;
  plane: i32;
  eps: f32;
  keep: f32;
  add: f32;
  addVariance: f32;
}

@unmanaged
class GlobalArguments {
  mean: usize; // 0: not needed
  variance: usize;
  scale: usize; // 0: none
  bias: usize; // 0: none
  batch: i32;
  channels: i32;
  eps: f32;
  factor: f32; // of the statistics
}

/** Of a row: two f64. */
export const PARTIAL: usize = 16;
/** Of a channel: mean, factor and two more, f32. */
const COEFFICIENTS: usize = 16;

// @ts-ignore: decorator
@inline
export function partialOf(row: i32): usize {
  return sharedWorkspace() + <usize>row * PARTIAL;
}

/** Behind the partial sums of all rows. */
// @ts-ignore: decorator
@inline
export function coefficientsOf(rows: i32, channel: i32): usize {
  return sharedWorkspace() + <usize>rows * PARTIAL + <usize>channel * COEFFICIENTS;
}

/** Values at a row's start whose mean is the shift. */
const SAMPLE: i32 = 64;

/**
 * Rows (n,c): the mean and the sum of squared differences from it. Summed over x − shift, the shift being the mean of
 * the first values, so that no variance is lost where the mean is large.
 */
export function batchNormSums(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<SumsArguments>(args);
  const plane = a.plane;
  let x = a.x + ((<usize>begin * <usize>plane) << 2);
  for (let row = begin; row < end; row++, x += <usize>plane << 2) {
    const shift = meanOf(x, min(plane, SAMPLE));
    const shifts = f32x4.splat(shift);
    let total: f64 = 0;
    let squares: f64 = 0;
    for (let start = 0; start < plane; start += PIECE) {
      const stop = min(start + PIECE, plane);
      let s = f32x4.splat(0);
      let t = s;
      let ss = s;
      let tt = s;
      let i = start;
      for (; i <= stop - 8; i += 8) {
        const at = x + (<usize>i << 2);
        const u = f32x4.sub(v128.load(at), shifts);
        const v = f32x4.sub(v128.load(at, 16), shifts);
        s = f32x4.add(s, u);
        t = f32x4.add(t, v);
        ss = f32x4.add(ss, f32x4.mul(u, u));
        tt = f32x4.add(tt, f32x4.mul(v, v));
      }
      for (; i < stop; i += 4) {
        const u = keep(f32x4.sub(v128.load(x + (<usize>i << 2)), shifts), stop - i);
        s = f32x4.add(s, u);
        ss = f32x4.add(ss, f32x4.mul(u, u));
      }
      total += <f64>sumLanes(f32x4.add(s, t));
      squares += <f64>sumLanes(f32x4.add(ss, tt));
    }
    const beyond = total / <f64>plane;
    store<f64>(partialOf(row), <f64>shift + beyond);
    store<f64>(partialOf(row), squares - total * beyond, 8);
  }
}

function meanOf(x: usize, count: i32): f32 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < count; i += 4) sum = f32x4.add(sum, keep(v128.load(x + (<usize>i << 2)), count - i));
  return sumLanes(sum) / <f32>count;
}

/** Channels: mean and variance from the rows' (all of one length), running values, coefficients. */
export function batchNormStatistics(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<StatisticsArguments>(args);
  const batch = a.plane == 0 ? 0 : a.batch;
  for (let c = begin; c < end; c++) {
    let mean: f64 = 0;
    for (let n = 0; n < batch; n++) mean += load<f64>(partialOf(n * a.channels + c));
    if (batch > 0) mean /= <f64>batch;
    let within: f64 = 0;
    let between: f64 = 0;
    for (let n = 0; n < batch; n++) {
      const partial = partialOf(n * a.channels + c);
      const difference = load<f64>(partial) - mean;
      within += load<f64>(partial, 8);
      between += difference * difference;
    }
    let variance: f64 = 0;
    if (batch > 0) variance = max((within / <f64>a.plane + between) / <f64>batch, 0);
    const at = <usize>c << 2;
    const invStd = 1 / sqrt(variance + <f64>a.eps);
    store<f32>(a.mean + at, <f32>mean);
    store<f32>(a.invStd + at, <f32>invStd);
    if (a.runningMean) update(a.runningMean + at, a.keep, a.add, mean);
    if (a.runningVariance) update(a.runningVariance + at, a.keep, a.addVariance, variance);
    storeCoefficients(a.batch * a.channels, c, <f32>mean, invStd, a.scale, a.bias);
  }
}

function update(at: usize, keep: f32, add: f32, value: f64): void {
  store<f32>(at, <f32>(<f64>keep * <f64>load<f32>(at) + <f64>add * value));
}

function storeCoefficients(rows: i32, channel: i32, mean: f32, invStd: f64, scale: usize, bias: usize): void {
  const to = coefficientsOf(rows, channel);
  const at = <usize>channel << 2;
  const factor: f32 = scale ? load<f32>(scale + at) : 1;
  store<f32>(to, mean);
  store<f32>(to, <f32>(invStd * <f64>factor), 4);
  store<f32>(to, bias ? load<f32>(bias + at) : 0, 8);
}

/** Channels: coefficients from statistics that are given. */
export function batchNormGlobalStatistics(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<GlobalArguments>(args);
  for (let c = begin; c < end; c++) {
    const at = <usize>c << 2;
    const mean: f32 = a.mean ? a.factor * load<f32>(a.mean + at) : 0;
    const invStd = 1 / sqrt(<f64>a.factor * <f64>load<f32>(a.variance + at) + <f64>a.eps);
    storeCoefficients(a.batch * a.channels, c, mean, invStd, a.scale, a.bias);
  }
}
