// A table for decoding: 1024 words for the next 10 bits, then for each length 1 to 16 the largest code and what leads
// from a code to its symbol, then the 256 symbols.
// A word is 0 where the code is longer than 10 bits. Otherwise its low byte says how many bits to take, and
// - upper half not 0: the code and its number lie within the 10 bits: bits 8 to 11 the run, upper half the number;
// - upper half 0: bits 8 to 15 the symbol.

const LOOK: i32 = 10;
const MAX_CODE: usize = 4096;
const OFFSET: usize = MAX_CODE + 72;
export const SYMBOLS: usize = OFFSET + 72;

/** Makes a table of 16 counts and the symbols behind them. Returns false where the lengths make no prefix code. */
export function makeHuffmanTable(table: usize, spec: usize, withNumbers: bool): bool {
  memory.fill(table, 0, SYMBOLS);
  const symbols = spec + 16;
  let code = 0;
  let index = 0;
  for (let length = 1; length <= 16; length++) {
    const count = <i32>load<u8>(spec + length - 1);
    if (code + count >= 1 << length) return false; // as in libjpeg, no code may be all ones
    store<i32>(table + OFFSET + 4 * length, index - code);
    store<i32>(table + MAX_CODE + 4 * length, count > 0 ? code + count - 1 : -1);
    for (let i = 0; i < count; i++) {
      const symbol = <i32>load<u8>(symbols + index);
      store<u8>(table + SYMBOLS + index, symbol);
      if (length <= LOOK) fill(table, code, length, symbol, withNumbers);
      code++;
      index++;
    }
    code <<= 1;
  }
  return true;
}

function fill(table: usize, code: i32, length: i32, symbol: i32, withNumbers: bool): void {
  const free = LOOK - length;
  const size = symbol & 15;
  const first = table + ((<usize>code << free) << 2);
  for (let rest = 0; rest < 1 << free; rest++) {
    let entry = length | (symbol << 8);
    if (withNumbers && size > 0 && size <= free) {
      let value = rest >> (free - size);
      if (value < 1 << (size - 1)) value -= (1 << size) - 1;
      entry = (length + size) | ((symbol >> 4) << 8) | (value << 16);
    }
    store<i32>(first + (<usize>rest << 2), entry);
  }
}

/** Length and symbol (length | symbol << 8) of a code longer than 10 bits at the top of `bits`; 0: there is none. */
export function longCode(table: usize, bits: u64): i32 {
  for (let length = LOOK + 1; length <= 16; length++) {
    const code = <i32>(bits >> (64 - length));
    if (code > load<i32>(table + MAX_CODE + 4 * length)) continue;
    const index = code + load<i32>(table + OFFSET + 4 * length);
    return length | ((<i32>load<u8>(table + SYMBOLS + (index & 255))) << 8);
  }
  return 0;
}
