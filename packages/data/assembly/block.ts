import { longCode } from './huffman';
import { bits, count, isOverdrawn, next, setState } from './segment';

/** Zigzag place of the last coefficient of the block that was read. */
export let last: i32 = 0;
/** Set where the data are not as they should be. */
export let isDamaged: bool = false;

export function resetDamage(): void {
  isDamaged = false;
}

/**
 * Reads a block's coefficients, multiplied by the divisors, into `block` (64 numbers of 16 bits, zero before).
 * Returns the component's DC value.
 */
export function readBlock(block: usize, dc: usize, ac: usize, quantization: usize, predicted: i32): i32 {
  let b = bits;
  let n = count;
  let at = next;
  // 56 bits at least; those beyond `n` are the stream's too, and come again.
  b |= load<u64>(at - 7) >> <u64>n;
  at -= (63 - n) >> 3;
  n |= 56;
  let entry = load<i32>(dc + (<usize>(b >> 54) << 2));
  if (entry == 0) entry = longCode(dc, b);
  const size = entry >> 8;
  if (entry == 0 || size > 15) {
    isDamaged = true;
    return 0;
  }
  b <<= <u64>(entry & 255);
  n -= entry & 255;
  if (size > 0) {
    const value = <i32>(b >> <u64>(64 - size));
    predicted += value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
    b <<= <u64>size;
    n -= size;
  }
  store<i16>(block, predicted * (load<i32>(quantization) & 0xffff));
  let k = 1;
  let reached = 0;
  while (k < 64) {
    if (n < 32) {
      b |= load<u64>(at - 7) >> <u64>n;
      at -= (63 - n) >> 3;
      n |= 56;
    }
    entry = load<i32>(ac + (<usize>(b >> 54) << 2));
    let value = entry >> 16;
    if (value != 0) {
      k += (entry >> 8) & 15;
      b <<= <u64>(entry & 255);
      n -= entry & 255;
    } else {
      if (entry == 0) entry = longCode(ac, b);
      if (entry == 0) {
        isDamaged = true;
        return 0;
      }
      b <<= <u64>(entry & 255);
      n -= entry & 255;
      const length = (entry >> 8) & 15;
      const run = entry >> 12;
      if (length == 0) {
        if (run != 15) break;
        k += 16;
        continue;
      }
      k += run;
      value = <i32>(b >> <u64>(64 - length));
      if (value < 1 << (length - 1)) value -= (1 << length) - 1;
      b <<= <u64>length;
      n -= length;
    }
    if (k > 63) {
      isDamaged = true;
      return 0;
    }
    const place = load<i32>(quantization + (<usize>k << 2));
    store<i16>(block + <usize>(place >>> 16), value * (place & 0xffff));
    reached = k;
    k++;
  }
  setState(b, n, at);
  if (isOverdrawn()) isDamaged = true;
  last = reached;
  return predicted;
}
