import { threadWorkspace } from './control';
import { keep, PIECE, put, relu4, sumLanes } from './vector';

@unmanaged
class ForwardArguments {
  x: usize;
  y: usize;
  stash: usize; // 0: none, as all below where not wanted
  scale: usize;
  bias: usize;
  mean: usize;
  invStd: usize;
  runningMean: usize;
  runningVariance: usize;
  batch: i32;
  channels: i32;
  plane: i32;
  eps: f32;
  keep: f32;
  add: f32;
  addVariance: f32;
  relu: i32;
  slope: f32;
}

/** Sums of a channel in the thread's workspace: the shift (f32 in the first word), Σ (x − shift), Σ (x − shift)². */
const SUMS: usize = 24;

/**
 * Channels in groups small enough for the cache: one pass for the statistics, one for y. Sums run over x − shift, where
 * shift is the channel's mean in the first image, so no variance is lost where the mean is large.
 */
export function batchNormForward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<ForwardArguments>(args);
  const sums = threadWorkspace(thread);
  const plane = a.plane;
  const size = <usize>plane << 2;
  const image = <usize>a.channels * size;
  memory.fill(sums, 0, <usize>(end - begin) * SUMS);
  for (let n = 0; n < a.batch; n++) {
    let row = a.x + <usize>n * image + <usize>begin * size;
    let s = sums;
    for (let c = begin; c < end; c++, row += size, s += SUMS) {
      if (n == 0) store<f32>(s, mean(row, plane));
      addRow(s, row, plane);
    }
  }
  const count = <f64>a.batch * <f64>plane;
  let s = sums;
  for (let c = begin; c < end; c++, s += SUMS) finishChannel(a, s, c, count);
  for (let n = 0; n < a.batch; n++) {
    for (let c = begin; c < end; c++) {
      const offset = <usize>n * image + <usize>c * size;
      const at = <usize>c << 2;
      const mean = load<f32>(a.mean + at);
      const factor = load<f32>(a.invStd + at) * (a.scale ? load<f32>(a.scale + at) : 1);
      const bias: f32 = a.bias ? load<f32>(a.bias + at) : 0;
      if (a.stash) keepRow(a.x + offset, a.stash + offset, plane);
      if (a.relu) normaliseRow(true, a.x + offset, a.y + offset, plane, mean, factor, bias, a.slope);
      else normaliseRow(false, a.x + offset, a.y + offset, plane, mean, factor, bias, 0);
    }
  }
}

function mean(row: usize, count: i32): f32 {
  let total: f64 = 0;
  for (let start = 0; start < count; start += PIECE) {
    const stop = min(start + PIECE, count);
    let sum = f32x4.splat(0);
    for (let i = start; i < stop; i += 4) sum = f32x4.add(sum, keep(v128.load(row + (<usize>i << 2)), stop - i));
    total += <f64>sumLanes(sum);
  }
  return count == 0 ? 0 : <f32>(total / <f64>count);
}

function addRow(sums: usize, row: usize, count: i32): void {
  const shift = f32x4.splat(load<f32>(sums));
  let total: f64 = 0;
  let squares: f64 = 0;
  for (let start = 0; start < count; start += PIECE) {
    const stop = min(start + PIECE, count);
    let a = f32x4.splat(0);
    let b = a;
    let aa = a;
    let bb = a;
    let i = start;
    for (; i <= stop - 8; i += 8) {
      const u = f32x4.sub(v128.load(row + (<usize>i << 2)), shift);
      const v = f32x4.sub(v128.load(row + (<usize>i << 2), 16), shift);
      a = f32x4.add(a, u);
      b = f32x4.add(b, v);
      aa = f32x4.add(aa, f32x4.mul(u, u));
      bb = f32x4.add(bb, f32x4.mul(v, v));
    }
    for (; i < stop; i += 4) {
      const u = keep(f32x4.sub(v128.load(row + (<usize>i << 2)), shift), stop - i);
      a = f32x4.add(a, u);
      aa = f32x4.add(aa, f32x4.mul(u, u));
    }
    total += <f64>sumLanes(f32x4.add(a, b));
    squares += <f64>sumLanes(f32x4.add(aa, bb));
  }
  store<f64>(sums, load<f64>(sums, 8) + total, 8);
  store<f64>(sums, load<f64>(sums, 16) + squares, 16);
}

function finishChannel(a: ForwardArguments, sums: usize, channel: i32, count: f64): void {
  const at = <usize>channel << 2;
  const beyond = count == 0 ? 0 : load<f64>(sums, 8) / count; // mean − shift
  const mean = <f64>load<f32>(sums) + beyond;
  const variance = count == 0 ? 0 : max(load<f64>(sums, 16) / count - beyond * beyond, 0);
  store<f32>(a.mean + at, <f32>mean);
  store<f32>(a.invStd + at, <f32>(1 / sqrt(variance + <f64>a.eps)));
  if (a.runningMean) {
    const to = a.runningMean + at;
    store<f32>(to, <f32>(<f64>a.keep * <f64>load<f32>(to) + <f64>a.add * mean));
  }
  if (a.runningVariance) {
    const to = a.runningVariance + at;
    store<f32>(to, <f32>(<f64>a.keep * <f64>load<f32>(to) + <f64>a.addVariance * variance));
  }
}

function keepRow(x: usize, stash: usize, count: i32): void {
  for (let i = 0; i < count; i += 4) put(stash + (<usize>i << 2), v128.load(x + (<usize>i << 2)), count - i);
}

/** y = (x − mean)·factor + bias, then the activation. */
// @ts-ignore: decorator
@inline
export function normaliseRow(
  relu: bool,
  x: usize,
  y: usize,
  count: i32,
  mean: f32,
  factor: f32,
  bias: f32,
  slope: f32,
): void {
  const means = f32x4.splat(mean);
  const factors = f32x4.splat(factor);
  const biases = f32x4.splat(bias);
  const slopes = f32x4.splat(slope);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    let v = f32x4.add(f32x4.mul(f32x4.sub(v128.load(x + at), means), factors), biases);
    if (relu) v = relu4(v, slopes);
    put(y + at, v, count - i);
  }
}
