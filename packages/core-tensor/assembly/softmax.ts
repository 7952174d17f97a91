import { exp4 } from './exp-log';
import { choose, keep, maxLanes, put, sumLanes } from './vector';

@unmanaged
class SoftmaxArguments {
  x: usize;
  y: usize;
  channels: i32;
  inner: i32;
  groups: i32; // of 16 inner positions
}

@unmanaged
class SoftmaxBackwardArguments {
  y: usize;
  dy: usize;
  dx: usize;
  channels: i32;
  inner: i32;
  groups: i32;
}

/** Rows of `channels` contiguous values (inner = 1); x and y may be one buffer. */
export function softmaxRows(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<SoftmaxArguments>(args);
  const n = a.channels;
  const lowest = f32x4.splat(-Infinity);
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>n) << 2;
    const x = a.x + offset;
    const y = a.y + offset;
    let largest = lowest;
    for (let i = 0; i < n; i += 4) {
      const v = v128.load(x + (<usize>i << 2));
      const inside = i32x4.gt_s(i32x4.splat(n - i), i32x4(0, 1, 2, 3));
      largest = f32x4.max(largest, choose(inside, v, lowest));
    }
    const shift = f32x4.splat(maxLanes(largest));
    let sums = f32x4.splat(0);
    for (let i = 0; i < n; i += 4) {
      const e = exp4(f32x4.sub(v128.load(x + (<usize>i << 2)), shift));
      sums = f32x4.add(sums, keep(e, n - i));
      put(y + (<usize>i << 2), e, n - i);
    }
    const total = f32x4.splat(sumLanes(sums));
    for (let i = 0; i < n; i += 4) {
      const at = y + (<usize>i << 2);
      put(at, f32x4.div(v128.load(at), total), n - i);
    }
  }
}

/** Groups of 16 neighbouring inner positions, a cache line of each channel; x and y may be one buffer. */
export function softmaxColumns(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<SoftmaxArguments>(args);
  const step = <usize>a.inner << 2;
  for (let item = begin; item < end; item++) {
    const o = item / a.groups;
    const first = (item % a.groups) * 16;
    const last = min(first + 16, a.inner);
    for (let i = first; i < last; i += 4) {
      const offset = (<usize>o * <usize>a.channels * <usize>a.inner + <usize>i) << 2;
      const left = last - i;
      let x = a.x + offset;
      let largest = f32x4.splat(-Infinity);
      for (let c = 0; c < a.channels; c++, x += step) largest = f32x4.max(largest, v128.load(x));
      x = a.x + offset;
      let y = a.y + offset;
      let total = f32x4.splat(0);
      for (let c = 0; c < a.channels; c++, x += step, y += step) {
        const e = exp4(f32x4.sub(v128.load(x), largest));
        total = f32x4.add(total, e);
        put(y, e, left);
      }
      y = a.y + offset;
      for (let c = 0; c < a.channels; c++, y += step) put(y, f32x4.div(v128.load(y), total), left);
    }
  }
}

/** dx = (dy − Σ dy·y)·y by rows (inner = 1); dx and dy may be one buffer. */
export function softmaxRowsBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<SoftmaxBackwardArguments>(args);
  const n = a.channels;
  for (let row = begin; row < end; row++) {
    const offset = (<usize>row * <usize>n) << 2;
    let sums = f32x4.splat(0);
    for (let i = 0; i < n; i += 4) {
      const at = offset + (<usize>i << 2);
      sums = f32x4.add(sums, keep(f32x4.mul(v128.load(a.dy + at), v128.load(a.y + at)), n - i));
    }
    const dot = f32x4.splat(sumLanes(sums));
    for (let i = 0; i < n; i += 4) {
      const at = offset + (<usize>i << 2);
      put(a.dx + at, f32x4.mul(f32x4.sub(v128.load(a.dy + at), dot), v128.load(a.y + at)), n - i);
    }
  }
}

/** The same by groups of 16 inner positions. */
export function softmaxColumnsBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<SoftmaxBackwardArguments>(args);
  const step = <usize>a.inner << 2;
  for (let item = begin; item < end; item++) {
    const o = item / a.groups;
    const first = (item % a.groups) * 16;
    const last = min(first + 16, a.inner);
    for (let i = first; i < last; i += 4) {
      const offset = (<usize>o * <usize>a.channels * <usize>a.inner + <usize>i) << 2;
      let at = offset;
      let dot = f32x4.splat(0);
      for (let c = 0; c < a.channels; c++, at += step) {
        dot = f32x4.add(dot, f32x4.mul(v128.load(a.dy + at), v128.load(a.y + at)));
      }
      at = offset;
      for (let c = 0; c < a.channels; c++, at += step) {
        put(a.dx + at, f32x4.mul(f32x4.sub(v128.load(a.dy + at), dot), v128.load(a.y + at)), last - i);
      }
    }
  }
}
