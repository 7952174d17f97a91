import { address, CHANNELS, HEIGHT, OUT, WIDTH, word } from './picture';
import { blue, green, makeRow, red } from './rows';

/** Three rows into one of B,G,R pixels; up to 15 pixels more are written. */
function interleave(out: usize, width: i32): void {
  for (let x = 0; x < width; x += 16) {
    const b = v128.load(blue + x);
    const g = v128.load(green + x);
    const r = v128.load(red + x);
    const bg0 = v128.shuffle<u8>(b, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
    const bg1 = v128.shuffle<u8>(b, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
    const bg2 = v128.shuffle<u8>(b, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
    const at = out + 3 * x;
    v128.store(at, v128.shuffle<u8>(bg0, r, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
    v128.store(at, v128.shuffle<u8>(bg1, r, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
    v128.store(at, v128.shuffle<u8>(bg2, r, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
  }
}

/** The window as bytes H,W,C at OUT, behind which 48 more may be written. */
export function writeBytes(picture: usize): void {
  const width = word(picture + WIDTH);
  const height = word(picture + HEIGHT);
  const channels = word(picture + CHANNELS);
  let out = address(picture + OUT);
  for (let y = 0; y < height; y++) {
    makeRow(picture, y);
    if (channels == 1) memory.copy(out, blue, width);
    else interleave(out, width);
    out += channels * width;
  }
}
