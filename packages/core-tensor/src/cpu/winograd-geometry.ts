import type { WalkShape } from './convolution-walk.ts';
import type { Job } from './engine.ts';

// Words of WinogradGeometry (assembly/winograd-geometry.ts), in order: first in the arguments of Winograd's kernels.
export const geometrySlots = [
  ...(['x', 'y', 'tiles', 'tileRows', 'tileColumns', 'group', 'channels', 'm', 'padTop', 'padLeft'] as const),
  ...(['xHeight', 'xWidth', 'xRow', 'xImage', 'xGroup', 'xPlane'] as const),
  ...(['yHeight', 'yWidth', 'yRow', 'yImage', 'yGroup', 'yPlane'] as const),
] as const;

/** Products of a tile: 6×6 places. */
export const places = 36;
/** A cache line between places, whose distance would else be a power of two: all would share a set of the cache. */
export const gap = 64;
/** Bytes in which the kernels lay out rows of tiles (LIST and lines of assembly/winograd-lines.ts). */
export const listBytes = 576 + 32 * 4 + 32 * 64;
export const linesBytes = 6 * 1088;

export interface WinogradShape extends WalkShape {
  /** Height and width. */
  sourceSize: readonly number[];
  resultSize: readonly number[];
  /** Zeros above and to the left of the source. */
  pad: readonly number[];
  /** Whether the taps are taken backwards, as for the gradient of x. */
  turned: boolean;
}

/** Tiles of 4×4 results that cover those of a batch. */
export function tileGrid(batch: number, [height, width]: readonly number[]) {
  const [tileRows, tileColumns] = [Math.ceil(height! / 4), Math.ceil(width! / 4)];
  return { tileRows, tileColumns, tiles: batch * tileRows * tileColumns };
}

/** Sets the words of the geometry but for the addresses of x and y. */
export function describeTiles(job: Job<(typeof geometrySlots)[number]>, shape: WinogradShape): void {
  const { batch, group, source, result, sourceSize, resultSize, pad } = shape;
  const { address, i32 } = job;
  const { tiles, tileRows, tileColumns } = tileGrid(batch, resultSize);
  i32.tiles = tiles;
  i32.tileRows = tileRows;
  i32.tileColumns = tileColumns;
  i32.group = group;
  i32.channels = source.channels;
  i32.m = result.channels;
  i32.padTop = pad[0]!;
  i32.padLeft = pad[1]!;
  i32.xHeight = sourceSize[0]!;
  i32.xWidth = sourceSize[1]!;
  address.xRow = 4 * sourceSize[1]!;
  address.xPlane = 4 * source.plane;
  address.xGroup = 4 * source.plane * source.channels;
  address.xImage = 4 * source.plane * source.channels * group;
  i32.yHeight = resultSize[0]!;
  i32.yWidth = resultSize[1]!;
  address.yRow = 4 * resultSize[1]!;
  address.yPlane = 4 * result.plane;
  address.yGroup = 4 * result.plane * result.channels;
  address.yImage = 4 * result.plane * result.channels * group;
}
