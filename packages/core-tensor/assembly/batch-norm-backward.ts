import { coefficientsOf, partialOf } from './batch-norm-statistics';
import { keep, PIECE, put, reluSlope4, sumLanes } from './vector';

@unmanaged
class RowsArguments {
  x: usize;
  y: usize; // read with a ReLU only
  dy: usize;
  dx: usize;
  mean: usize;
  rows: i32;
  channels: i32;
  plane: i32;
  relu: i32;
  slope: f32;
}

@unmanaged
class StatisticsArguments {
  mean: usize;
  invStd: usize;
  scale: usize; // 0: none, as all below
  dScale: usize;
  dBias: usize;
  batch: i32;
  channels: i32;
  plane: i32;
  accumulate: i32;
}

/** Rows (n,c): Σ dy and Σ dy·(x − mean), dy as it is before the activation. */
export function batchNormGradientSums(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<RowsArguments>(args);
  for (let row = begin; row < end; row++) {
    if (a.relu) sumRow(true, a, row);
    else sumRow(false, a, row);
  }
}

// @ts-ignore: decorator
@inline
function sumRow(relu: bool, a: RowsArguments, row: i32): void {
  const offset = (<usize>row * <usize>a.plane) << 2;
  const x = a.x + offset;
  const y = a.y + offset;
  const dy = a.dy + offset;
  const mean = v128.load32_splat(a.mean + (<usize>(row % a.channels) << 2));
  const slopes = f32x4.splat(a.slope);
  let total: f64 = 0;
  let products: f64 = 0;
  for (let start = 0; start < a.plane; start += PIECE) {
    const stop = min(start + PIECE, a.plane);
    let s = f32x4.splat(0);
    let t = s;
    let ss = s;
    let tt = s;
    let i = start;
    for (; i <= stop - 8; i += 8) {
      const at = <usize>i << 2;
      let g = v128.load(dy + at);
      let h = v128.load(dy + at, 16);
      if (relu) g = f32x4.mul(g, reluSlope4(v128.load(y + at), slopes));
      if (relu) h = f32x4.mul(h, reluSlope4(v128.load(y + at, 16), slopes));
      s = f32x4.add(s, g);
      t = f32x4.add(t, h);
      ss = f32x4.add(ss, f32x4.mul(g, f32x4.sub(v128.load(x + at), mean)));
      tt = f32x4.add(tt, f32x4.mul(h, f32x4.sub(v128.load(x + at, 16), mean)));
    }
    for (; i < stop; i += 4) {
      const at = <usize>i << 2;
      let g = v128.load(dy + at);
      if (relu) g = f32x4.mul(g, reluSlope4(v128.load(y + at), slopes));
      s = f32x4.add(s, keep(g, stop - i));
      ss = f32x4.add(ss, keep(f32x4.mul(g, f32x4.sub(v128.load(x + at), mean)), stop - i));
    }
    total += <f64>sumLanes(f32x4.add(s, t));
    products += <f64>sumLanes(f32x4.add(ss, tt));
  }
  store<f64>(partialOf(row), total);
  store<f64>(partialOf(row), products, 8);
}

/** Channels: dScale, dBias, and the coefficients of the rows: mean, factor, mean of dy, lean of dy on x. */
export function batchNormGradientStatistics(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<StatisticsArguments>(args);
  const batch = a.plane == 0 ? 0 : a.batch;
  const share = 1 / (<f64>batch * <f64>a.plane);
  for (let c = begin; c < end; c++) {
    let total: f64 = 0;
    let products: f64 = 0;
    for (let n = 0; n < batch; n++) {
      const partial = partialOf(n * a.channels + c);
      total += load<f64>(partial);
      products += load<f64>(partial, 8);
    }
    const at = <usize>c << 2;
    const invStd = <f64>load<f32>(a.invStd + at);
    const scale: f32 = a.scale ? load<f32>(a.scale + at) : 1;
    if (a.dBias) addTo(a.dBias + at, total, a.accumulate);
    if (a.dScale) addTo(a.dScale + at, products * invStd, a.accumulate);
    const to = coefficientsOf(a.batch * a.channels, c);
    store<f32>(to, load<f32>(a.mean + at));
    store<f32>(to, <f32>(invStd * <f64>scale), 4);
    store<f32>(to, <f32>(total * share), 8);
    store<f32>(to, <f32>(products * share * invStd * invStd), 12);
  }
}

function addTo(to: usize, sum: f64, accumulate: i32): void {
  store<f32>(to, <f32>(accumulate ? <f64>load<f32>(to) + sum : sum));
}

/** Rows (n,c): dx = factor·(dy − mean of dy − (x − mean)·lean); dx and dy may be one buffer. */
export function batchNormBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<RowsArguments>(args);
  for (let row = begin; row < end; row++) {
    if (a.relu) gradientRow(true, a, row);
    else gradientRow(false, a, row);
  }
}

// @ts-ignore: decorator
@inline
function gradientRow(relu: bool, a: RowsArguments, row: i32): void {
  const offset = (<usize>row * <usize>a.plane) << 2;
  const coefficients = coefficientsOf(a.rows, row % a.channels);
  const mean = v128.load32_splat(coefficients);
  const factor = v128.load32_splat(coefficients, 4);
  const meanDy = v128.load32_splat(coefficients, 8);
  const lean = v128.load32_splat(coefficients, 12);
  const slopes = f32x4.splat(a.slope);
  for (let i = 0; i < a.plane; i += 4) {
    const at = offset + (<usize>i << 2);
    let g = v128.load(a.dy + at);
    if (relu) g = f32x4.mul(g, reluSlope4(v128.load(a.y + at), slopes));
    const through = f32x4.mul(f32x4.sub(v128.load(a.x + at), mean), lean);
    put(a.dx + at, f32x4.mul(factor, f32x4.sub(f32x4.sub(g, meanDy), through)), a.plane - i);
  }
}

/** Rows (n,c) under given statistics: dx = dy·factor; dx and dy may be one buffer. */
export function batchNormGlobalBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<RowsArguments>(args);
  const slopes = f32x4.splat(a.slope);
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>a.plane) << 2;
    const factor = v128.load32_splat(coefficientsOf(a.rows, row % a.channels), 4);
    for (let i = 0; i < a.plane; i += 4) {
      const at = offset + (<usize>i << 2);
      let dy = v128.load(a.dy + at);
      if (a.relu) dy = f32x4.mul(dy, reluSlope4(v128.load(a.y + at), slopes));
      put(a.dx + at, f32x4.mul(dy, factor), a.plane - i);
    }
  }
}
