import { threadWorkspace } from './control';
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
      largest = f32x4.pmax(largest, choose(inside, v, lowest));
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

/**
 * Groups of 16 neighbouring inner positions, a cache line of each channel; x and y may be one buffer. The strip goes
 * through the thread's workspace, since lines a power of two apart would drive each other out of the cache.
 */
export function softmaxColumns(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<SoftmaxArguments>(args);
  const step = <usize>a.inner << 2;
  const strip = threadWorkspace(thread); // 64 bytes a channel
  const behind = strip + (<usize>a.channels << 6);
  for (let item = begin; item < end; item++) {
    const o = item / a.groups;
    const first = (item % a.groups) * 16;
    const count = min(16, a.inner - first);
    const offset = (<usize>o * <usize>a.channels * <usize>a.inner + <usize>first) << 2;
    gather(a.x + offset, step, strip, behind, count);
    for (let i = 0; i < count; i += 4) {
      const column = strip + (<usize>i << 2);
      let largest = f32x4.splat(-Infinity);
      for (let at = column; at < behind; at += 64) largest = f32x4.pmax(largest, v128.load(at));
      let total = f32x4.splat(0);
      for (let at = column; at < behind; at += 64) {
        const e = exp4(f32x4.sub(v128.load(at), largest));
        total = f32x4.add(total, e);
        v128.store(at, e);
      }
      const share = f32x4.div(f32x4.splat(1), total);
      for (let at = column; at < behind; at += 64) v128.store(at, f32x4.mul(v128.load(at), share));
    }
    scatter(strip, behind, a.y + offset, step, count);
  }
}

/** A strip of channels into the workspace. */
function gather(from: usize, step: usize, strip: usize, behind: usize, count: i32): void {
  for (let at = strip; at < behind; at += 64, from += step) {
    for (let i = 0; i < count; i += 4) v128.store(at + (<usize>i << 2), v128.load(from + (<usize>i << 2)));
  }
}

/** And back. */
function scatter(strip: usize, behind: usize, to: usize, step: usize, count: i32): void {
  for (let at = strip; at < behind; at += 64, to += step) {
    for (let i = 0; i < count; i += 4) put(to + (<usize>i << 2), v128.load(at + (<usize>i << 2)), count - i);
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
  const ys = threadWorkspace(thread); // 64 bytes a channel, then as much for dy
  const size = <usize>a.channels << 6;
  for (let item = begin; item < end; item++) {
    const o = item / a.groups;
    const first = (item % a.groups) * 16;
    const count = min(16, a.inner - first);
    const offset = (<usize>o * <usize>a.channels * <usize>a.inner + <usize>first) << 2;
    gather(a.y + offset, step, ys, ys + size, count);
    gather(a.dy + offset, step, ys + size, ys + 2 * size, count);
    for (let i = 0; i < count; i += 4) {
      const column = ys + (<usize>i << 2);
      let dot = f32x4.splat(0);
      for (let at = column; at < ys + size; at += 64) {
        dot = f32x4.add(dot, f32x4.mul(v128.load(at), v128.load(at + size)));
      }
      for (let at = column; at < ys + size; at += 64) {
        v128.store(at, f32x4.mul(f32x4.sub(v128.load(at + size), dot), v128.load(at)));
      }
    }
    scatter(ys, ys + size, a.dx + offset, step, count);
  }
}
