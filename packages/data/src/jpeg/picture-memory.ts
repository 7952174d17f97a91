import type { HuffmanSpec, JpegHeader } from './header.ts';
import type { JpegExports } from './jpeg-module.ts';
import type { PixelWindow, PlaneLayout, Sampling } from './sampling.ts';

// Places in a picture's description, as assembly/picture.ts has them, in words.
const firstComponent = 64;
const componentWords = 16;
const descriptionBytes = 512;
const blockBytes = 128;
const quantizationBytes = 256;
const tableBytes = 4496;
const specBytes = 272;
/** Zeros behind a segment, and what a 16-byte store may run over. */
const segmentExtra = 544;
const rowMargin = 64;

const naturalOrder = Uint8Array.of(
  ...[0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14],
  ...[21, 28, 35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60],
  ...[61, 54, 47, 55, 62, 63],
);

/** What is wanted of a picture. */
export interface PictureRequest {
  bytes: Uint8Array;
  header: JpegHeader;
  sampling: Sampling;
  planes: readonly PlaneLayout[];
  window: PixelWindow;
  channels: number;
}

/** Where a picture's things lie, all multiples of 64. */
export interface PictureLayout {
  picture: number;
  block: number;
  spec: number;
  quantization: number;
  tables: number;
  input: number;
  segmentTop: number;
  planes: number[];
  rows: number;
  rowSize: number;
  out: number;
  end: number;
}

/** Lays out what decoding a picture needs, from `begin` on. */
export function layoutPicture(
  { bytes, header, planes, window, channels }: PictureRequest,
  begin: number,
): PictureLayout {
  let at = begin;
  const take = (length: number): number => {
    const from = at;
    at += Math.ceil(length / 64) * 64;
    return from;
  };
  const components = planes.length;
  const picture = take(descriptionBytes);
  const block = take(blockBytes);
  const spec = take(specBytes);
  const quantization = take(components * quantizationBytes);
  const tables = take(2 * components * tableBytes);
  const entropyBytes = bytes.length - header.scanStart;
  const input = take(entropyBytes + 16);
  const segment = take(entropyBytes + segmentExtra);
  const rowSize = Math.ceil((planes[0]!.stride + 2 * rowMargin) / 64) * 64;
  const rows = take(rowMargin + 7 * rowSize) + rowMargin;
  const placed = planes.map(({ byteLength }) => take(byteLength + rowMargin));
  const out = take(4 * channels * window.height * window.width + rowMargin);
  const segmentTop = segment + entropyBytes + segmentExtra - 1;
  return {
    ...{ picture, block, spec, quantization, tables, input, segmentTop, planes: placed, rows, rowSize, out },
    end: at,
  };
}

/** Writes a picture's description, its tables and its data. @returns false where a Huffman table is none. */
export function fillPicture(
  buffer: ArrayBufferLike,
  module: JpegExports,
  request: PictureRequest,
  layout: PictureLayout,
): boolean {
  const { bytes, header, sampling, planes, window, channels } = request;
  const memory = new Uint8Array(buffer);
  const words = new Int32Array(buffer);
  const base = layout.picture / 4;
  const data = bytes.subarray(header.scanStart);
  memory.set(data, layout.input);
  const luma = planes[0]!;
  words.set(
    [
      ...[layout.input, layout.input + data.length, layout.segmentTop, planes.length],
      ...[luma.blocksAcross / sampling.across, luma.blocksDown / sampling.down, header.restartInterval],
      ...[window.top, window.left, window.height, window.width],
      // libjpeg says samples twice where a row has but one or two.
      ...[sampling.across, sampling.down, (planes[1]?.width ?? 0) > 2 ? 1 : 0],
      ...[layout.rows, layout.rowSize, layout.out, channels],
    ],
    base,
  );
  words[base + 24] = layout.block;
  return header.components.every((component, i) => {
    const plane = planes[i]!;
    const quantization = layout.quantization + i * quantizationBytes;
    for (let k = 0; k < 64; k++) words[quantization / 4 + k] = (naturalOrder[k]! << 17) | component.quantization[k]!;
    const tables = layout.tables + 2 * i * tableBytes;
    const [across, down] = i === 0 ? [sampling.across, sampling.down] : [1, 1];
    words.set(
      [
        ...[across, down, quantization, tables, tables + tableBytes, layout.planes[i]!, plane.stride],
        ...[plane.width, plane.height, ...plane.columns, ...plane.rows, 0],
      ],
      base + firstComponent + i * componentWords,
    );
    const table = (spec: HuffmanSpec, at: number, withNumbers: number): boolean => {
      memory.set(spec.counts, layout.spec);
      memory.set(spec.symbols, layout.spec + 16);
      return module.makeHuffmanTable(at, layout.spec, withNumbers) !== 0;
    };
    const isSizes = component.dc.symbols.every((size) => size <= 15);
    return isSizes && table(component.dc, tables, 0) && table(component.ac, tables + tableBytes, 1);
  });
}

/** What float values are made with. */
export interface FloatSettings {
  isMirrored: boolean;
  scale: number;
  means: readonly number[];
}

/** Where float values go, and how they are made. */
export function describeFloats(
  buffer: ArrayBufferLike,
  picture: number,
  out: number,
  { isMirrored, scale, means }: FloatSettings,
): void {
  const words = new Int32Array(buffer, picture, 32);
  words[16] = out;
  words[18] = isMirrored ? 1 : 0;
  new Float32Array(buffer, picture, 32).set([scale, ...means], 19);
}
