import { PoolingArguments } from './pooling';

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

/** The same for windows of 2×2 side by side that cover the image: dx is written once, without zeroing first. */
export function poolingMax2Backward(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const width = a.width;
  const plane = (<usize>a.height * <usize>width) << 2;
  const below = <usize>width << 2;
  const vectors = a.outWidth & ~3;
  let at = (<usize>begin * <usize>a.outHeight * <usize>a.outWidth) << 2;
  for (let item = begin; item < end; item++) {
    for (let row = 0; row < a.outHeight; row++) {
      const first = 2 * row * width;
      let dx = a.x + <usize>item * plane + (<usize>first << 2);
      let index = f32x4.add(f32x4.splat(<f32>first), f32x4(0, 2, 4, 6));
      const right = f32x4.splat(1);
      const down = f32x4.splat(<f32>width);
      let column = 0;
      for (; column < vectors; column += 4) {
        const dy = v128.load(a.y + at);
        const mask = v128.load(a.mask + at);
        const nextRow = f32x4.add(index, down);
        spread(dx, dy, mask, index, right);
        spread(dx + below, dy, mask, nextRow, right);
        index = f32x4.add(index, f32x4.splat(8));
        dx += 32;
        at += 16;
      }
      for (; column < a.outWidth; column++) {
        const offset = <i32>load<f32>(a.mask + at) - first - 2 * column;
        const dy = load<f32>(a.y + at);
        store<f32>(dx, offset == 0 ? dy : 0);
        store<f32>(dx, offset == 1 ? dy : 0, 4);
        store<f32>(dx + below, offset == width ? dy : 0);
        store<f32>(dx + below, offset == width + 1 ? dy : 0, 4);
        dx += 8;
        at += 4;
      }
    }
  }
}

/** One row of four windows: eight values, dy where the mask names the position. */
// @ts-ignore: decorator
@inline
function spread(dx: usize, dy: v128, mask: v128, index: v128, right: v128): void {
  const even = v128.and(dy, f32x4.eq(mask, index));
  const odd = v128.and(dy, f32x4.eq(mask, f32x4.add(index, right)));
  v128.store(dx, v128.shuffle<i32>(even, odd, 0, 4, 1, 5));
  v128.store(dx, v128.shuffle<i32>(even, odd, 2, 6, 3, 7), 16);
}
