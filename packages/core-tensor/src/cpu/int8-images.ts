import { CaffeError } from '@jacinto/proto/errors';
import type { CodeImages, CodeRange, Int8Operations, Margin } from '../operations/index.ts';
import type { Engine } from './engine.ts';

/** Images with their place in memory: bytes from image to image, row to row, pixel to pixel. */
export interface PlacedImages extends CodeImages {
  /** The first pixel inside the margin. */
  readonly address: number;
  readonly image: number;
  readonly row: number;
  readonly column: number;
}

const noMargin: Margin = { top: 0, left: 0, bottom: 0, right: 0 };

/** Channels of a pixel in memory: few stay as they are, else whole vectors. */
export const paddedChannels = (channels: number): number => (channels <= 4 ? channels : Math.ceil(channels / 8) * 8);

export function int8Images(engine: Engine): Int8Operations['images'] {
  return (given, margin = noMargin): PlacedImages => {
    const [n = 1, c = 1, h = 1, w = 1, ...more] = given;
    if (more.length > 0) {
      const problem = `int8: images of shape ${given.join(' ')} have more than 4 axes`;
      throw new CaffeError({ code: 'bad-shape', problem, fix: 'use N,C,H,W' });
    }
    const pixel = paddedChannels(c);
    const rowWords = (margin.left + w + margin.right) * pixel;
    const imageWords = (margin.top + h + margin.bottom) * rowWords;
    // what a tile reads past the last pixel are channels of no image
    const block = engine.host.allocate((n * imageWords + rowWords) * 2);
    const first = margin.top * rowWords + margin.left * pixel;
    const words = new Int16Array(block.buffer, block.byteOffset, n * imageWords);
    const plane = h * w;
    const rows = (visit: (at: number, from: number) => void): void => {
      for (let i = 0; i < n; i++) {
        for (let y = 0; y < h; y++) visit(i * imageWords + first + y * rowWords, i * c * plane + y * w);
      }
    };
    return {
      shape: [n, c, h, w],
      margin,
      address: block.byteOffset + first * 2,
      image: imageWords * 2,
      row: rowWords * 2,
      column: pixel * 2,
      write(codes) {
        rows((at, from) => {
          for (let k = 0; k < c; k++) {
            for (let x = 0; x < w; x++) words[at + x * pixel + k] = codes[from + k * plane + x]!;
          }
        });
      },
      writeWhole(values, range) {
        let fits = true;
        rows((at, from) => {
          for (let k = 0; k < c; k++) {
            if (!takeRow(values, from + k * plane, w, { words, at: at + k, pixel }, range)) fits = false;
          }
        });
        return fits;
      },
      read() {
        const codes = new Int16Array(n * c * plane);
        rows((at, from) => {
          for (let k = 0; k < c; k++) {
            for (let x = 0; x < w; x++) codes[from + k * plane + x] = words[at + x * pixel + k]!;
          }
        });
        return codes;
      },
      release: () => engine.host.free(block),
    };
  };
}

/** Floats of one channel of a row into every `pixel`-th word; whether all were whole and within the range. */
function takeRow(
  values: Float32Array,
  from: number,
  count: number,
  { words, at, pixel }: { words: Int16Array; at: number; pixel: number },
  { low, high }: CodeRange,
): boolean {
  let fits = true;
  for (let i = 0; i < count; i++) {
    const value = values[from + i]!;
    const code = value | 0;
    if (code !== value || code < low || code > high) fits = false;
    words[at + i * pixel] = code;
  }
  return fits;
}

/** Images as this backend made them. @throws CaffeError 'usage' for another's. */
export function placed(images: CodeImages): PlacedImages {
  if ('address' in images) return images as PlacedImages;
  throw new CaffeError({
    code: 'usage',
    problem: 'int8: the images are of another backend',
    fix: 'use images() of this',
  });
}
