import { address, CHANNELS, HEIGHT, MEANS, MIRRORED, OUT, SCALE, WIDTH, word } from './picture';
import { blue, green, makeRow, red } from './rows';

@inline
function floats(four: v128, mean: v128, scale: v128): v128 {
  return f32x4.mul(f32x4.sub(f32x4.convert_i32x4_u(four), mean), scale);
}

/** 16 bytes as (value − mean)·scale. */
@inline
function sixteen(bytes: v128, out: usize, mean: v128, scale: v128): void {
  const low = i16x8.extend_low_i8x16_u(bytes);
  const high = i16x8.extend_high_i8x16_u(bytes);
  v128.store(out, floats(i32x4.extend_low_i16x8_u(low), mean, scale));
  v128.store(out, floats(i32x4.extend_high_i16x8_u(low), mean, scale), 16);
  v128.store(out, floats(i32x4.extend_low_i16x8_u(high), mean, scale), 32);
  v128.store(out, floats(i32x4.extend_high_i16x8_u(high), mean, scale), 48);
}

function writeRow(row: usize, out: usize, width: i32, mean: f32, scale: f32, isMirrored: bool): void {
  if (width < 16) {
    for (let x = 0; x < width; x++) {
      store<f32>(out + 4 * (isMirrored ? width - 1 - x : x), (<f32>load<u8>(row + x) - mean) * scale);
    }
    return;
  }
  const means = f32x4.splat(mean);
  const scales = f32x4.splat(scale);
  for (let step = 0; step < width; step += 16) {
    const x = min(step, width - 16); // the last 16 may overlap those before
    const bytes = v128.load(row + x);
    if (isMirrored) {
      const turned = v128.shuffle<u8>(bytes, bytes, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
      sixteen(turned, out + 4 * (width - 16 - x), means, scales);
    } else {
      sixteen(bytes, out + 4 * x, means, scales);
    }
  }
}

/** The window as planes C,H,W of (value − mean)·scale at OUT, mirrored or not; nothing behind them is written. */
export function writeFloats(picture: usize): void {
  const width = word(picture + WIDTH);
  const height = word(picture + HEIGHT);
  const isColour = word(picture + CHANNELS) == 3;
  const isMirrored = word(picture + MIRRORED) != 0;
  const scale = load<f32>(picture + SCALE);
  const plane = 4 * <usize>(width * height);
  let out = address(picture + OUT);
  for (let y = 0; y < height; y++) {
    makeRow(picture, y);
    writeRow(blue, out, width, load<f32>(picture + MEANS), scale, isMirrored);
    if (isColour) {
      writeRow(green, out + plane, width, load<f32>(picture + MEANS, 4), scale, isMirrored);
      writeRow(red, out + 2 * plane, width, load<f32>(picture + MEANS, 8), scale, isMirrored);
    }
    out += 4 * <usize>width;
  }
}
