// Maximum over windows of 2×2 side by side that cover the image: the pooling of most nets. Corners as in pooling.ts.
import { LOWEST, maxAt, PoolingArguments } from './pooling';
import { choose } from './vector';

/** Four windows: the first values of their upper rows from p on, at `index` in the plane; results to `here`. */
// @ts-ignore: decorator
@inline
function fourWindows(a: PoolingArguments, p: usize, below: usize, index: v128, down: v128, here: usize): void {
  const one = f32x4.splat(1), lowest = f32x4.splat(LOWEST);
  const low = v128.load(p);
  const high = v128.load(p, 16);
  const lowBelow = v128.load(p + below);
  const highBelow = v128.load(p + below, 16);
  const nextRow = f32x4.add(index, down);
  let v = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  let winner = choose(f32x4.gt(v, lowest), index, f32x4.splat(-1));
  let best = f32x4.pmax(lowest, v);
  v = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  winner = choose(f32x4.gt(v, best), f32x4.add(index, one), winner);
  best = f32x4.pmax(best, v);
  v = v128.shuffle<i32>(lowBelow, highBelow, 0, 2, 4, 6);
  winner = choose(f32x4.gt(v, best), nextRow, winner);
  best = f32x4.pmax(best, v);
  v = v128.shuffle<i32>(lowBelow, highBelow, 1, 3, 5, 7);
  winner = choose(f32x4.gt(v, best), f32x4.add(nextRow, one), winner);
  v128.store(a.y + here, f32x4.pmax(best, v));
  if (a.mask) v128.store(a.mask + here, winner);
}

/** Four windows where nobody asks for the winners: upper and lower row first, so of 0 and −0 either may win. */
// @ts-ignore: decorator
@inline
function fourMaxima(a: PoolingArguments, p: usize, below: usize, here: usize): void {
  const lowest = f32x4.splat(LOWEST);
  const low = f32x4.pmax(f32x4.pmax(lowest, v128.load(p)), v128.load(p + below));
  const high = f32x4.pmax(f32x4.pmax(lowest, v128.load(p, 16)), v128.load(p + below, 16));
  const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
  const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
  v128.store(a.y + here, f32x4.pmax(even, odd));
}

export function poolingMax2(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<PoolingArguments>(args);
  const width = a.width, outWidth = a.outWidth;
  const plane = (<usize>a.height * <usize>width) << 2;
  const below = <usize>width << 2;
  const vectors = outWidth & ~3;
  const down = f32x4.splat(<f32>width), steps = f32x4(0, 2, 4, 6);
  let at = (<usize>begin * <usize>a.outHeight * <usize>outWidth) << 2;
  for (let item = begin; item < end; item++) {
    const x = a.x + <usize>item * plane;
    for (let row = 0; row < a.outHeight; row++, at += <usize>outWidth << 2) {
      const first = 2 * row * width;
      let p = x + (<usize>first << 2);
      let index = f32x4.add(f32x4.splat(<f32>first), steps);
      if (a.mask) {
        for (let column = 0; column < vectors; column += 4, p += 32) {
          fourWindows(a, p, below, index, down, at + (<usize>column << 2));
          index = f32x4.add(index, f32x4.splat(8));
        }
      } else {
        for (let column = 0; column < vectors; column += 4, p += 32) {
          fourMaxima(a, p, below, at + (<usize>column << 2));
        }
      }
      if (vectors == outWidth) continue;
      if (vectors > 0) {
        // The last four begin earlier and repeat results.
        const last = first + 2 * (outWidth - 4);
        const lastIndex = f32x4.add(f32x4.splat(<f32>last), steps);
        fourWindows(a, x + (<usize>last << 2), below, lastIndex, down, at + (<usize>(outWidth - 4) << 2));
      } else {
        for (let column = 0; column < outWidth; column++) maxAt(a, x, at, 2 * row, 2 * row + 2, column);
      }
    }
  }
}

/** dx is written once: dy where the mask says, else 0. */
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
