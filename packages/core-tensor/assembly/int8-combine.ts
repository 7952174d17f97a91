import { threadWorkspace } from './control';
import { Requantization, requantize } from './int8-requantize';

/** What is done with two inputs (one: it is rounded to other codes), or with the codes that y has. */
const ADD = 0;
const MULTIPLY = 1;
const MAXIMUM = 2;

@unmanaged
class Int8CombineArguments {
  a: usize;
  /** 0: none. */
  b: usize;
  y: usize;
  requantization: usize;
  method: i32;
  channels: i32;
  rows: i32;
  columns: i32;
  aImage: usize;
  aRow: usize;
  aColumn: usize;
  bImage: usize;
  bRow: usize;
  bColumn: usize;
  yImage: usize;
  yRow: usize;
  yColumn: usize;
}

/** Items are rows of an image. Multipliers of a and b; of a·b; or of a, and y = max(y, code of a). */
export function int8Combine(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<Int8CombineArguments>(args);
  const q = changetype<Requantization>(p.requantization);
  const width = <usize>((p.channels + 7) & ~7);
  const sums = threadWorkspace(thread), others = sums + (width << 2), codes = others + (width << 2);
  const withB = p.b != 0, method = p.method;
  for (let item = begin; item < end; item++) {
    const n = <usize>(item / p.rows), r = <usize>(item % p.rows);
    let a = p.a + n * p.aImage + r * p.aRow;
    let b = p.b + n * p.bImage + r * p.bRow;
    let y = p.y + n * p.yImage + r * p.yRow;
    for (let i = 0; i < p.columns; i++) {
      for (let c: usize = 0; c < width; c += 8) {
        const to = sums + (c << 2);
        const v = v128.load(a + (c << 1));
        if (method == MULTIPLY) {
          const u = v128.load(b + (c << 1));
          v128.store(to, i32x4.extmul_low_i16x8_s(v, u));
          v128.store(to, i32x4.extmul_high_i16x8_s(v, u), 16);
          continue;
        }
        v128.store(to, i32x4.extend_low_i16x8_s(v));
        v128.store(to, i32x4.extend_high_i16x8_s(v), 16);
        if (withB) {
          const u = v128.load(b + (c << 1));
          v128.store(others + (c << 2), i32x4.extend_low_i16x8_s(u));
          v128.store(others + (c << 2), i32x4.extend_high_i16x8_s(u), 16);
        }
      }
      const to = method == MAXIMUM ? codes : y;
      requantize(q, sums, withB && method == ADD ? others : 0, 4, 0, to, 0, 1, 0, p.channels);
      if (method == MAXIMUM) {
        for (let c: usize = 0; c < <usize>p.channels; c++) {
          const at = c << 1;
          store<i16>(y + at, max(load<i16>(y + at), load<i16>(codes + at)));
        }
      }
      a += p.aColumn;
      b += p.bColumn;
      y += p.yColumn;
    }
  }
}
