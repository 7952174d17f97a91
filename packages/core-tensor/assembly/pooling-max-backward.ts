import { threadWorkspace } from './control';
import { PoolingArguments } from './pooling';
import { choose, put } from './vector';

/**
 * Planes: every dy goes to its mask's position, in the order of the windows; all else is 0. The places are worked out
 * four at a time, and dy of windows that had no value goes to the thread's workspace, so nothing branches. (To let each
 * value ask the windows over it compares many times as often; it is slower by a quarter and more, but where rows are
 * longer than 100.)
 */
export function poolingMaxBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const plane = (<usize>a.height * <usize>a.width) << 2;
  const outPlane = (<usize>a.outHeight * <usize>a.outWidth) << 2;
  const nowhere = i32x4.splat(<i32>threadWorkspace(thread));
  for (let item = begin; item < end; item++) {
    const dx = a.x + <usize>item * plane;
    clear(dx, plane);
    const first = i32x4.splat(<i32>dx);
    let at = <usize>item * outPlane;
    const last = at + outPlane;
    for (; at + 16 <= last; at += 16) {
      const to = placesOf(v128.load(a.mask + at), first, nowhere);
      const dy = a.y + at;
      addTo(<usize>i32x4.extract_lane(to, 0), load<f32>(dy));
      addTo(<usize>i32x4.extract_lane(to, 1), load<f32>(dy, 4));
      addTo(<usize>i32x4.extract_lane(to, 2), load<f32>(dy, 8));
      addTo(<usize>i32x4.extract_lane(to, 3), load<f32>(dy, 12));
    }
    for (; at < last; at += 4) {
      const winner = load<f32>(a.mask + at);
      if (winner >= 0) addTo(dx + (<usize>winner << 2), load<f32>(a.y + at));
    }
  }
}

/** Addresses of the values that four mask values name, or `nowhere`. */
// @ts-ignore: decorator
@inline
function placesOf(mask: v128, first: v128, nowhere: v128): v128 {
  const index = ASC_FEATURE_RELAXED_SIMD ? i32x4.relaxed_trunc_f32x4_s(mask) : i32x4.trunc_sat_f32x4_s(mask);
  return choose(f32x4.ge(mask, f32x4.splat(0)), i32x4.add(first, i32x4.shl(index, 2)), nowhere);
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, value: f32): void {
  store<f32>(at, load<f32>(at) + value);
}

/** Zeros; small planes take a sixth longer where each is a call of the engine's own memory.fill. */
function clear(at: usize, bytes: usize): void {
  const end = at + bytes;
  const zero = f32x4.splat(0);
  for (; at + 64 <= end; at += 64) {
    v128.store(at, zero);
    v128.store(at, zero, 16);
    v128.store(at, zero, 32);
    v128.store(at, zero, 48);
  }
  for (; at < end; at += 16) put(at, zero, <i32>((end - at) >> 2));
}

/** The same for windows of one value, side by side: every dy stays in its place, or is lost where its window had none. */
export function poolingMaxOneBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const plane = <usize>a.height * <usize>a.width;
  const zero = f32x4.splat(0);
  const last = (<usize>end * plane) << 2;
  for (let at = (<usize>begin * plane) << 2; at < last; at += 16) {
    const isThere = f32x4.ge(v128.load(a.mask + at), zero);
    put(a.x + at, v128.and(v128.load(a.y + at), isThere), <i32>((last - at) >> 2));
  }
}
