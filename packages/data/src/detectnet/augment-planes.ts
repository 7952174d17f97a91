import { type Planes, resizePlanes } from '../image/resize-planes.ts';
import type { Augmentation, Size } from './augmentation.ts';
import { recolor } from './recolor.ts';
import { rotatePlanes, rotationOf } from './rotation.ts';

/**
 * Writes a picture B,G,R,H,W, augmented, C,H,W of size `output`: recoloured, mean subtracted, flipped left to right,
 * scaled (bicubic), turned, cropped; what lies beyond the picture is 0, the mean. Overwrites `picture`.
 * @param mean Of the picture's size, or one value a channel.
 */
export function augmentPlanes(
  picture: Planes,
  mean: Planes | readonly number[],
  augmentation: Augmentation,
  output: Size,
  out: Float32Array,
): void {
  const { hue, saturation, flip, height, width, rotation } = augmentation;
  if (hue !== 0 || saturation !== 1) recolor(picture, hue, saturation);
  subtract(picture, mean);
  if (flip) flipRows(picture);
  let made = picture;
  if (height !== made.height || width !== made.width) made = resizePlanes(made, height, width);
  if (rotation !== 0) made = rotatePlanes(made, rotationOf(height, width, rotation));
  crop(made, augmentation.top, augmentation.left, output, out);
}

function subtract({ values, height, width }: Planes, mean: Planes | readonly number[]): void {
  const size = height * width;
  if ('height' in mean) {
    for (let i = 0; i < values.length; i++) values[i]! -= mean.values[i]!;
  } else {
    for (let i = 0; i < values.length; i++) values[i]! -= mean[Math.floor(i / size)]!;
  }
}

function flipRows({ values, width }: Planes): void {
  for (let at = 0; at < values.length; at += width) values.subarray(at, at + width).reverse();
}

function crop(
  { channels, height, width, values }: Planes,
  top: number,
  left: number,
  output: Size,
  out: Float32Array,
): void {
  out.fill(0);
  const [firstRow, lastRow] = [Math.max(0, -top), Math.min(output.height, height - top)];
  const [first, last] = [Math.max(0, -left), Math.min(output.width, width - left)];
  if (first >= last) return;
  for (let c = 0; c < channels; c++) {
    for (let y = firstRow; y < lastRow; y++) {
      const from = (c * height + y + top) * width + left;
      out.set(values.subarray(from + first, from + last), (c * output.height + y) * output.width + first);
    }
  }
}
