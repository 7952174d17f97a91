import { keep, PIECE, put, sumLanes } from './vector';

@unmanaged
class ScaleBiasArguments {
  x: usize;
  y: usize;
  stash: usize; // 0: none
  scale: usize; // 0: none
  bias: usize; // 0: none
  channels: i32;
  inner: i32;
}

@unmanaged
class GradientArguments {
  x: usize; // 0 where dScale is 0
  dy: usize;
  dScale: usize; // 0: not wanted
  dBias: usize; // 0: not wanted
  outer: i32;
  channels: i32;
  inner: i32;
  accumulate: i32;
}

/** Rows (o,c) of `inner` values: y = x·scale[c] + bias[c]; x and y may be one buffer. */
export function scaleBiasRows(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<ScaleBiasArguments>(args);
  const inner = a.inner;
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>inner) << 2;
    const channel = <usize>(row % a.channels) << 2;
    const scale = f32x4.splat(a.scale ? load<f32>(a.scale + channel) : 1);
    const bias = f32x4.splat(a.bias ? load<f32>(a.bias + channel) : 0);
    const x = a.x + offset;
    const y = a.y + offset;
    const stash = a.stash ? a.stash + offset : 0;
    for (let i = 0; i < inner; i += 4) {
      const at = <usize>i << 2;
      const v = v128.load(x + at);
      if (stash) put(stash + at, v, inner - i);
      put(y + at, f32x4.add(f32x4.mul(v, scale), bias), inner - i);
    }
  }
}

/** The same for inner = 1: items are the outer rows of `channels` values. */
export function scaleBiasColumns(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<ScaleBiasArguments>(args);
  const channels = a.channels;
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>channels) << 2;
    for (let c = 0; c < channels; c += 4) {
      const at = <usize>c << 2;
      const v = v128.load(a.x + offset + at);
      if (a.stash) put(a.stash + offset + at, v, channels - c);
      let y = a.scale ? f32x4.mul(v, v128.load(a.scale + at)) : v;
      if (a.bias) y = f32x4.add(y, v128.load(a.bias + at));
      put(a.y + offset + at, y, channels - c);
    }
  }
}

// @ts-ignore: decorator
@inline
function storeSum(to: usize, sum: f64, accumulate: i32): void {
  if (to) store<f32>(to, <f32>(accumulate ? <f64>load<f32>(to) + sum : sum));
}

/** Channels: dScale = Σ dy·x, dBias = Σ dy, summed in pieces whose sums go on in f64. */
export function scaleBiasGradient(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<GradientArguments>(args);
  const inner = a.inner;
  for (let c = begin; c < end; c++) {
    let products: f64 = 0;
    let sum: f64 = 0;
    for (let o = 0; o < a.outer; o++) {
      const offset = ((<usize>o * <usize>a.channels + <usize>c) * <usize>inner) << 2;
      for (let start = 0; start < inner; start += PIECE) {
        const stop = min(start + PIECE, inner);
        let p = f32x4.splat(0);
        let s = f32x4.splat(0);
        for (let i = start; i < stop; i += 4) {
          const at = offset + (<usize>i << 2);
          const dy = keep(v128.load(a.dy + at), stop - i);
          s = f32x4.add(s, dy);
          if (a.dScale) p = f32x4.add(p, f32x4.mul(dy, keep(v128.load(a.x + at), stop - i)));
        }
        products += <f64>sumLanes(p);
        sum += <f64>sumLanes(s);
      }
    }
    const at = <usize>c << 2;
    storeSum(a.dScale ? a.dScale + at : 0, products, a.accumulate);
    storeSum(a.dBias ? a.dBias + at : 0, sum, a.accumulate);
  }
}
