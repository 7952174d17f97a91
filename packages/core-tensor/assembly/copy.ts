import { put } from './vector';

@unmanaged
class CopyArguments {
  x: usize;
  y: usize;
  length: i32;
  xStride: i32;
  yStride: i32;
  pieces: i32; // of a run
  piece: i32;
  accumulate: i32;
}

/** Pieces of runs, copied or added. */
export function copy(args: usize, begin: i32, end: i32, thread: i32): void {
  const a = changetype<CopyArguments>(args);
  for (let item = begin; item < end; item++) {
    const run = <usize>(item / a.pieces);
    const start = (item % a.pieces) * a.piece;
    const n = min(a.piece, a.length - start);
    const x = a.x + ((run * <usize>a.xStride + <usize>start) << 2);
    const y = a.y + ((run * <usize>a.yStride + <usize>start) << 2);
    if (a.accumulate) {
      for (let i = 0; i < n; i += 4) {
        const at = <usize>i << 2;
        put(y + at, f32x4.add(v128.load(y + at), v128.load(x + at)), n - i);
      }
    } else if (n >= 64) {
      memory.copy(y, x, <usize>n << 2);
    } else {
      for (let i = 0; i < n; i += 4) put(y + (<usize>i << 2), v128.load(x + (<usize>i << 2)), n - i);
    }
  }
}
