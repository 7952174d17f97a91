import { threadWorkspace } from './control';
import { madd } from './math';
import { ADD, packedTile, STORE } from './tile';

// Blocks of C that one item computes; multiples of the register tile.
const ROWS = 64;
const COLUMNS = 64;

@unmanaged
class GemmArguments {
  /** Packed panels: a[⌈m/4⌉][k][4] and b[⌈n/8⌉][k][8]. */
  a: usize;
  b: usize;
  c: usize;
  m: i32;
  n: i32;
  k: i32;
  /** Bytes between rows of c. */
  stride: usize;
  /** c = sums + beta·c; 0 does not read c. */
  beta: f32;
  /** One value a column, or a row, added to the sums; 0: none. */
  rowBias: usize;
  columnBias: usize;
}

/** c[r][j] = tile[r][j] + beta·c (+ bias) for the part of a tile that lies inside c. */
function finishTile(
  tile: usize, c: usize, stride: usize, rows: i32, columns: i32,
  beta: f32, rowBias: usize, columnBias: usize,
): void {
  for (let r = 0; r < rows; r++) {
    const columnValue: f32 = columnBias ? load<f32>(columnBias + (<usize>r << 2)) : 0;
    if (columns == 8) {
      let t0 = f32x4.add(v128.load(tile), f32x4.splat(columnValue));
      let t1 = f32x4.add(v128.load(tile, 16), f32x4.splat(columnValue));
      if (rowBias) {
        t0 = f32x4.add(t0, v128.load(rowBias));
        t1 = f32x4.add(t1, v128.load(rowBias, 16));
      }
      if (beta != 0) {
        t0 = madd(f32x4.splat(beta), v128.load(c), t0);
        t1 = madd(f32x4.splat(beta), v128.load(c, 16), t1);
      }
      v128.store(c, t0);
      v128.store(c, t1, 16);
    } else {
      for (let j = 0; j < columns; j++) {
        const at = <usize>j << 2;
        let t = load<f32>(tile + at) + columnValue;
        if (rowBias) t += load<f32>(rowBias + at);
        if (beta != 0) t += beta * load<f32>(c + at);
        store<f32>(c + at, t);
      }
    }
    tile += 32;
    c += stride;
  }
}

/** Items are blocks of C, ROWS × COLUMNS, a column of blocks after the other. */
export function gemmBlocks(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<GemmArguments>(args);
  const m = p.m, n = p.n, k = p.k, beta = p.beta, stride = p.stride;
  const rowBias = p.rowBias, columnBias = p.columnBias;
  const rowBlocks = (m + ROWS - 1) / ROWS;
  const tile = threadWorkspace(thread);
  const direct = !rowBias && !columnBias && (beta == 0 || beta == 1);
  const mode = beta == 0 ? STORE : ADD;
  if (k == 0) memory.fill(tile, 0, 128);
  for (let item = begin; item < end; item++) {
    const i0 = (item % rowBlocks) * ROWS, j0 = (item / rowBlocks) * COLUMNS;
    const i1 = min(i0 + ROWS, m), j1 = min(j0 + COLUMNS, n);
    for (let j = j0; j < j1; j += 8) {
      const b = p.b + ((<usize>j * <usize>k) << 2);
      for (let i = i0; i < i1; i += 4) {
        const a = p.a + ((<usize>i * <usize>k) << 2);
        const c = p.c + <usize>i * stride + (<usize>j << 2);
        const whole = direct && k > 0 && i + 4 <= m && j + 8 <= n;
        if (k > 0) packedTile(a, b, k, whole ? c : tile, whole ? stride : 32, whole ? mode : STORE);
        if (!whole) {
          finishTile(
            tile, c, stride, min(4, m - i), min(8, n - j), beta,
            rowBias ? rowBias + (<usize>j << 2) : 0, columnBias ? columnBias + (<usize>i << 2) : 0,
          );
        }
      }
    }
  }
}
