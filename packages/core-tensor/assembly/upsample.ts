import { threadWorkspace } from './control';
import { madd } from './math';
import { put } from './vector';

// The gradient of x of a depthwise convolution with stride 2 along rows, which is what a Deconvolution that doubles each
// map does forward. Even and odd results of a row have taps of their own but the same sources, so both are made at once,
// interleaved in registers, and every row of x is written once, in order.

/** Strides are bytes. */
@unmanaged
class UpsampleArguments {
  /** Source: maps of sourceHeight × sourceWidth. */
  dy: usize;
  weights: usize;
  dx: usize;
  /** For each phase of rows: where its even and its odd taps begin in `taps`; after the last, where they end. */
  starts: usize;
  /** {place of the source from the first one of a step, place of the weight}. */
  taps: usize;
  channels: i32;
  kernelBytes: usize;
  sourceHeight: i32;
  sourceWidth: i32;
  height: i32;
  width: i32;
  /** Step of rows, and source rows a strip. */
  stride: i32;
  stripRows: i32;
  strips: i32;
  /** Row of the source that a strip's local copy begins with, from its first; lines it has; zeros to the left. */
  firstRow: i32;
  lines: i32;
  left: i32;
  pitch: usize;
}

/** Rows of the source with zeros around them. */
function copyRows(p: UpsampleArguments, plane: usize, first: i32, to: usize): void {
  const rowBytes = <usize>p.sourceWidth << 2, left = <usize>p.left << 2, none = f32x4.splat(0);
  for (let line = 0; line < p.lines; line++) {
    const end = to + p.pitch, row = first + line;
    for (let at = to; at < end; at += 16) v128.store(at, none);
    if (<u32>row < <u32>p.sourceHeight) memory.copy(to + left, plane + <usize>row * rowBytes, rowBytes);
    to = end;
  }
}

/** 32 results of a row, or `count` of them. */
// @ts-ignore: decorator
@inline
function results(even: usize, odd: usize, end: usize, weights: usize, base: usize, to: usize, count: i32): void {
  let e0 = f32x4.splat(0), e1 = e0, e2 = e0, e3 = e0, o0 = e0, o1 = e0, o2 = e0, o3 = e0;
  for (; even < odd; even += 8) {
    const at = base + load<usize>(even), w = v128.load32_splat(weights + load<usize>(even, 4));
    e0 = madd(w, v128.load(at), e0);
    e1 = madd(w, v128.load(at, 16), e1);
    e2 = madd(w, v128.load(at, 32), e2);
    e3 = madd(w, v128.load(at, 48), e3);
  }
  for (; odd < end; odd += 8) {
    const at = base + load<usize>(odd), w = v128.load32_splat(weights + load<usize>(odd, 4));
    o0 = madd(w, v128.load(at), o0);
    o1 = madd(w, v128.load(at, 16), o1);
    o2 = madd(w, v128.load(at, 32), o2);
    o3 = madd(w, v128.load(at, 48), o3);
  }
  putPair(to, e0, o0, count);
  putPair(to + 32, e1, o1, count - 8);
  putPair(to + 64, e2, o2, count - 16);
  putPair(to + 96, e3, o3, count - 24);
}

// @ts-ignore: decorator
@inline
function putPair(to: usize, even: v128, odd: v128, count: i32): void {
  if (count > 0) put(to, v128.shuffle<f32>(even, odd, 0, 4, 1, 5), count);
  if (count > 4) put(to + 16, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), count - 4);
}

/** Items: (map, strip). */
export function upsample(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<UpsampleArguments>(args);
  const local = threadWorkspace(thread);
  const width = p.width, stride = p.stride;
  for (let item = begin; item < end; item++) {
    const map = item / p.strips, firstStep = (item % p.strips) * p.stripRows;
    const weights = p.weights + <usize>(map % p.channels) * p.kernelBytes;
    copyRows(p, p.dy + (<usize>map * <usize>(p.sourceHeight * p.sourceWidth) << 2), firstStep + p.firstRow, local);
    const first = firstStep * stride, count = min(p.stripRows * stride, p.height - first);
    let to = p.dx + (<usize>(map * p.height + first) * <usize>width << 2);
    for (let row = 0; row < count; row++) {
      const entry = p.starts + (<usize>(row % stride) << 3);
      const even = load<usize>(entry), odd = load<usize>(entry, 4), last = load<usize>(entry, 8);
      let base = local + <usize>(row / stride) * p.pitch;
      for (let x = 0; x < width; x += 32) {
        results(even, odd, last, weights, base, to + (<usize>x << 2), width - x);
        base += 64;
      }
      to += <usize>width << 2;
    }
  }
}
