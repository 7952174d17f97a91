import type { Image } from './image.ts';
import { roundHalfEven, scaleOf } from './scale.ts';

/** One piece of an output pixel's area on one axis. */
interface Share {
  input: number;
  output: number;
  weight: number;
}

/** OpenCV's INTER_AREA where the image shrinks on both axes: each output pixel is the mean of the area it covers. */
export function resizeArea(image: Image, height: number, width: number): Image {
  const scaleX = scaleOf(image.width, width);
  const scaleY = scaleOf(image.height, height);
  const wholeX = Math.round(scaleX);
  const wholeY = Math.round(scaleY);
  // OpenCV's test: nearer to a whole number than the double's epsilon
  const whole = Math.abs(scaleX - wholeX) < Number.EPSILON && Math.abs(scaleY - wholeY) < Number.EPSILON;
  return whole ? meanOfBlocks(image, height, width, wholeX, wholeY) : meanOfAreas(image, height, width);
}

function meanOfBlocks(image: Image, height: number, width: number, blockX: number, blockY: number): Image {
  const { channels, data } = image;
  const out = new Uint8Array(height * width * channels);
  const scale = Math.fround(1 / (blockX * blockY));
  const halved = blockX === 2 && blockY === 2;
  const rowLength = image.width * channels;
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++) {
        let sum = 0;
        for (let by = 0; by < blockY; by++) {
          let from = (y * blockY + by) * rowLength + x * blockX * channels + c;
          for (let bx = 0; bx < blockX; bx++, from += channels) sum += data[from]!;
        }
        out[at++] = halved ? (sum + 2) >> 2 : roundHalfEven(Math.fround(sum * scale));
      }
    }
  }
  return { height, width, channels, data: out };
}

function meanOfAreas(image: Image, height: number, width: number): Image {
  const { channels, data } = image;
  const out = new Uint8Array(height * width * channels);
  const columns = sharesOf(image.width, width);
  const rowLength = width * channels;
  const row = new Float32Array(rowLength);
  const sum = new Float32Array(rowLength);
  const flush = (y: number) => {
    for (let i = 0; i < rowLength; i++) out[y * rowLength + i] = Math.min(255, roundHalfEven(sum[i]!));
    sum.fill(0);
  };
  let present = 0;
  for (const { input, output, weight } of sharesOf(image.height, height)) {
    if (output !== present) flush(present);
    present = output;
    row.fill(0);
    const base = input * image.width * channels;
    for (const share of columns) {
      for (let c = 0; c < channels; c++) {
        row[share.output * channels + c]! += Math.fround(data[base + share.input * channels + c]! * share.weight);
      }
    }
    for (let i = 0; i < rowLength; i++) sum[i]! += Math.fround(weight * row[i]!);
  }
  flush(present);
  return { height, width, channels, data: out };
}

/** computeResizeAreaTab: which inputs make up each output, and how much of each. */
function sharesOf(input: number, output: number): Share[] {
  const scale = scaleOf(input, output);
  const shares: Share[] = [];
  for (let i = 0; i < output; i++) {
    const begin = i * scale;
    const end = begin + scale;
    const cell = Math.min(scale, input - begin);
    const last = Math.min(Math.floor(end), input - 1);
    const first = Math.min(Math.ceil(begin), last);
    const add = (at: number, weight: number) => shares.push({ input: at, output: i, weight: Math.fround(weight) });
    if (first - begin > 1e-3) add(first - 1, (first - begin) / cell);
    for (let at = first; at < last; at++) add(at, 1 / cell);
    if (end - last > 1e-3) add(last, Math.min(Math.min(end - last, 1), cell) / cell);
  }
  return shares;
}
