import { threadWorkspace } from './control';
import { keep, PIECE, put, reluSlope4, sumLanes } from './vector';

@unmanaged
class BackwardArguments {
  x: usize;
  y: usize; // read with a ReLU only
  dy: usize;
  dx: usize; // 0: not wanted, as all below
  scale: usize;
  mean: usize;
  invStd: usize;
  dScale: usize;
  dBias: usize;
  batch: i32;
  channels: i32;
  plane: i32;
  accumulate: i32;
  relu: i32;
  slope: f32;
}

/** Sums of a channel in the thread's workspace: Σ dy and Σ dy·(x − mean), f64. */
const SUMS: usize = 16;

/** Channels in groups small enough for the cache: one pass for the sums, one for dx; dx and dy may be one buffer. */
export function batchNormBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<BackwardArguments>(args);
  const sums = threadWorkspace(thread);
  const plane = a.plane;
  const size = <usize>plane << 2;
  const image = <usize>a.channels * size;
  memory.fill(sums, 0, <usize>(end - begin) * SUMS);
  for (let n = 0; n < a.batch; n++) {
    let s = sums;
    for (let c = begin; c < end; c++, s += SUMS) {
      const offset = <usize>n * image + <usize>c * size;
      const mean = load<f32>(a.mean + (<usize>c << 2));
      if (a.relu) addRow(true, s, a.x + offset, a.y + offset, a.dy + offset, plane, mean, a.slope);
      else addRow(false, s, a.x + offset, 0, a.dy + offset, plane, mean, 0);
    }
  }
  let s = sums;
  for (let c = begin; c < end; c++, s += SUMS) {
    const at = <usize>c << 2;
    const invStd = <f64>load<f32>(a.invStd + at);
    addTo(a.dBias ? a.dBias + at : 0, load<f64>(s), a.accumulate);
    addTo(a.dScale ? a.dScale + at : 0, load<f64>(s, 8) * invStd, a.accumulate);
  }
  if (a.dx == 0) return;
  const share = 1 / (<f64>a.batch * <f64>plane);
  for (let n = 0; n < a.batch; n++) {
    s = sums;
    for (let c = begin; c < end; c++, s += SUMS) {
      const offset = <usize>n * image + <usize>c * size;
      const at = <usize>c << 2;
      const invStd = load<f32>(a.invStd + at);
      const mean = load<f32>(a.mean + at);
      const factor = invStd * (a.scale ? load<f32>(a.scale + at) : 1);
      const meanDy = <f32>(load<f64>(s) * share);
      const lean = <f32>(load<f64>(s, 8) * share * <f64>invStd * <f64>invStd);
      const x = a.x + offset;
      const dy = a.dy + offset;
      const dx = a.dx + offset;
      if (a.relu) gradientRow(true, x, a.y + offset, dy, dx, plane, mean, factor, meanDy, lean, a.slope);
      else gradientRow(false, x, 0, dy, dx, plane, mean, factor, meanDy, lean, 0);
    }
  }
}

function addTo(to: usize, sum: f64, accumulate: i32): void {
  if (to) store<f32>(to, <f32>(accumulate ? <f64>load<f32>(to) + sum : sum));
}

// @ts-ignore: decorator
@inline
function addRow(relu: bool, sums: usize, x: usize, y: usize, dy: usize, count: i32, mean: f32, slope: f32): void {
  const means = f32x4.splat(mean);
  const slopes = f32x4.splat(slope);
  let total: f64 = 0;
  let products: f64 = 0;
  for (let start = 0; start < count; start += PIECE) {
    const stop = min(start + PIECE, count);
    let a = f32x4.splat(0);
    let b = a;
    let aa = a;
    let bb = a;
    let i = start;
    for (; i <= stop - 8; i += 8) {
      const at = <usize>i << 2;
      let g = v128.load(dy + at);
      let h = v128.load(dy + at, 16);
      if (relu) {
        g = f32x4.mul(g, reluSlope4(v128.load(y + at), slopes));
        h = f32x4.mul(h, reluSlope4(v128.load(y + at, 16), slopes));
      }
      a = f32x4.add(a, g);
      b = f32x4.add(b, h);
      aa = f32x4.add(aa, f32x4.mul(g, f32x4.sub(v128.load(x + at), means)));
      bb = f32x4.add(bb, f32x4.mul(h, f32x4.sub(v128.load(x + at, 16), means)));
    }
    for (; i < stop; i += 4) {
      const at = <usize>i << 2;
      let g = v128.load(dy + at);
      if (relu) g = f32x4.mul(g, reluSlope4(v128.load(y + at), slopes));
      a = f32x4.add(a, keep(g, stop - i));
      aa = f32x4.add(aa, keep(f32x4.mul(g, f32x4.sub(v128.load(x + at), means)), stop - i));
    }
    total += <f64>sumLanes(f32x4.add(a, b));
    products += <f64>sumLanes(f32x4.add(aa, bb));
  }
  store<f64>(sums, load<f64>(sums) + total);
  store<f64>(sums, load<f64>(sums, 8) + products, 8);
}

/** dx = factor·(dy − meanDy − (x − mean)·lean). */
// @ts-ignore: decorator
@inline
function gradientRow(
  relu: bool,
  x: usize,
  y: usize,
  dy: usize,
  dx: usize,
  count: i32,
  mean: f32,
  factor: f32,
  meanDy: f32,
  lean: f32,
  slope: f32,
): void {
  const means = f32x4.splat(mean);
  const factors = f32x4.splat(factor);
  const meanDys = f32x4.splat(meanDy);
  const leans = f32x4.splat(lean);
  const slopes = f32x4.splat(slope);
  for (let i = 0; i < count; i += 4) {
    const at = <usize>i << 2;
    let g = v128.load(dy + at);
    if (relu) g = f32x4.mul(g, reluSlope4(v128.load(y + at), slopes));
    const through = f32x4.mul(f32x4.sub(v128.load(x + at), means), leans);
    put(dx + at, f32x4.mul(factors, f32x4.sub(f32x4.sub(g, meanDys), through)), count - i);
  }
}
