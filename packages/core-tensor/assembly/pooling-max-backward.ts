import { PoolingArguments } from './pooling';
import { put } from './vector';

/** Planes: every dy goes to its mask's position, all else is 0. */
export function poolingMaxBackward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const plane = (<usize>a.height * <usize>a.width) << 2;
  const outputs = <usize>a.outHeight * <usize>a.outWidth;
  for (let item = begin; item < end; item++) {
    const dx = a.x + <usize>item * plane;
    let at = (<usize>item * outputs) << 2;
    memory.fill(dx, 0, plane);
    for (let k: usize = 0; k < outputs; k++, at += 4) {
      const winner = load<f32>(a.mask + at);
      if (winner < 0) continue;
      const to = dx + (<usize>winner << 2);
      store<f32>(to, load<f32>(to) + load<f32>(a.y + at));
    }
  }
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
