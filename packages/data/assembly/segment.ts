// Entropy-coded bytes between two markers. They are copied backwards and without stuffing bytes, so that the next 64
// bits of the stream are one load; behind the last come zeros, more than a block can read.

const ZEROS: usize = 512;

/** The stream's state: next bits at the top of `bits`, `count` of them; address of the next byte. */
export let bits: u64 = 0;
export let count: i32 = 0;
export let next: usize = 0;
/** Address of the first byte of the segment (the highest), and bits in it. */
let top: usize = 0;
let total: i64 = 0;

@inline
export function setState(newBits: u64, newCount: i32, newNext: usize): void {
  bits = newBits;
  count = newCount;
  next = newNext;
}

/** Copies the bytes from `from` on up to a marker or `end`. Returns the address of the marker. */
export function openSegment(from: usize, end: usize, segmentTop: usize): usize {
  let to = segmentTop + 1;
  const full = i8x16.splat(-1);
  while (true) {
    while (from + 16 <= end) {
      const chunk = v128.load(from);
      if (v128.any_true(i8x16.eq(chunk, full))) break;
      to -= 16;
      v128.store(to, v128.shuffle<u8>(chunk, chunk, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
      from += 16;
    }
    let left = 16;
    for (; left > 0 && from < end; left--) {
      const byte = load<u8>(from);
      if (byte == 0xff) {
        if (from + 1 >= end || load<u8>(from + 1) != 0) break;
        from++;
      }
      store<u8>(--to, byte);
      from++;
    }
    if (left > 0) break;
  }
  memory.fill(to - ZEROS, 0, ZEROS);
  top = segmentTop;
  total = 8 * <i64>(segmentTop + 1 - to);
  bits = 0;
  count = 0;
  next = segmentTop;
  return from;
}

/** Whether more bits were taken than there are. */
@inline
export function isOverdrawn(): bool {
  return 8 * <i64>(top - next) - count > total;
}

/** Whether all bits were taken, but for those that fill the last byte. */
export function isUsedUp(): bool {
  const taken = 8 * <i64>(top - next) - count;
  return taken <= total && total - taken < 8;
}
