import { CaffeError } from '@jacinto/proto/errors';
import sharp from 'sharp';

export interface FiltersOptions {
  /** Filters a row; default 8. */
  columns?: number;
  /** Side of a weight in pixels; default 6. */
  scale?: number;
  /** The |weight| that is drawn in full; default the largest. Give one to compare pictures. */
  limit?: number;
}

/**
 * The filters of a first layer as a PNG: one small picture a filter, colours as in the pictures it looks at (inputs are
 * blue, green, red, as Caffe reads them), middle grey where a weight is 0; transparent between filters.
 * @param shape O, 3 or 1, kernel height, kernel width
 * @throws CaffeError 'bad-shape' for other weights.
 */
export async function filtersPicture(
  shape: readonly number[],
  values: Float32Array,
  { columns = 8, scale = 6, limit = largest(values) }: FiltersOptions = {},
): Promise<Uint8Array> {
  const [outputs = 0, inputs = 0, kernelHeight = 0, kernelWidth = 0] = shape;
  if (shape.length !== 4 || (inputs !== 3 && inputs !== 1) || values.length !== product(shape) || values.length === 0) {
    throw new CaffeError({
      code: 'bad-shape',
      problem: `weights of ${shape.join(' × ')} are no filters that can be drawn`,
      fix: 'give those of a layer that looks at pictures of 3 or 1 channels',
    });
  }
  const across = Math.min(columns, outputs);
  const width = across * (kernelWidth + 1) - 1;
  const height = Math.ceil(outputs / across) * (kernelHeight + 1) - 1;
  const pixels = new Uint8ClampedArray(width * height * 4); // between filters: 0, transparent
  const area = kernelHeight * kernelWidth;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < area; i++) {
      const x = (o % across) * (kernelWidth + 1) + (i % kernelWidth);
      const y = Math.floor(o / across) * (kernelHeight + 1) + Math.floor(i / kernelWidth);
      const at = (y * width + x) * 4;
      for (let c = 0; c < 3; c++) {
        const input = inputs === 1 ? 0 : 2 - c;
        pixels[at + c] = 128 + (127 * values[(o * inputs + input) * area + i]!) / (limit || 1);
      }
      pixels[at + 3] = 255;
    }
  }
  return toPng(pixels, width, height, scale);
}

/**
 * Weights of a layer as a PNG with a pixel a weight, outputs from top to bottom, what each is made of from left to
 * right: the darker the larger, and nothing (transparent) where a weight is 0.
 * @param color red, green, blue
 */
export async function weightsPicture(
  shape: readonly number[],
  values: Float32Array,
  { color = [31, 111, 180], limit = largest(values) }: { color?: readonly number[]; limit?: number } = {},
): Promise<Uint8Array> {
  const [height = 0] = shape;
  if (height === 0 || values.length === 0 || values.length !== product(shape)) {
    throw new CaffeError({ code: 'bad-shape', problem: `${values.length} weights are not ${shape.join(' × ')}` });
  }
  const pixels = new Uint8ClampedArray(values.length * 4);
  for (const [i, value] of values.entries()) {
    for (let c = 0; c < 3; c++) pixels[i * 4 + c] = color[c]!;
    // Square roots: most weights are small, and the smallest must still be seen beside a 0.
    pixels[i * 4 + 3] = value === 0 ? 0 : 40 + 215 * Math.sqrt(Math.min(1, Math.abs(value) / (limit || 1)));
  }
  return toPng(pixels, values.length / height, height, 1);
}

function toPng(pixels: Uint8ClampedArray, width: number, height: number, scale: number): Promise<Buffer> {
  return sharp(pixels, { raw: { width, height, channels: 4 } })
    .resize(width * scale, height * scale, { kernel: 'nearest' })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

const product = (shape: readonly number[]): number => shape.reduce((all, one) => all * one, 1);

const largest = (values: Float32Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
