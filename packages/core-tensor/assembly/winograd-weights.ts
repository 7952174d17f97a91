import { threadWorkspace } from './control';
import { ADD, packedTile, STORE } from './tile';
import { sumLanes } from './vector';
import { WinogradGeometry } from './winograd-geometry';
import {
  INPUT_ROWS,
  inputColumns,
  inputLines,
  LINES,
  LIST,
  listRuns,
  placeInLine,
  RESULT_ROWS,
  resultColumns,
  resultLines,
} from './winograd-lines';
import { gradientTransform } from './winograd-transform';

// The gradient of 3×3 weights by the transposed way of assembly/winograd.ts: per place of the 36, the product of the
// transformed inputs and gradients of all tiles, then back to nine taps. Lanes are channels.

/** Strides are bytes. */
@unmanaged
class WinogradGradientArguments extends WinogradGeometry {
  /** Transformed gradients of weights: [chunk][group][place][row][channel], rows of `gradientRow`. */
  gradients: usize;
  dw: usize;
  /** Sums of dy a chunk and row, and where their total goes; db is 0 where it is not wanted. */
  rowSums: usize;
  db: usize;
  /** Tiles of a strip (what is multiplied at once), and of a chunk. */
  stripTiles: i32;
  chunkTiles: i32;
  chunks: i32;
  /** Channels and rows of an item: a multiple of 8, of 4. */
  blockChannels: i32;
  blockRows: i32;
  channelBlocks: i32;
  rowBlocks: i32;
  inputStep: usize;
  resultStep: usize;
  gradientStep: usize;
  gradientRow: usize;
  gradientGroup: usize;
  chunkBytes: usize;
  accumulate: i32;
}

/** Transforms four channels at a time, those past the last one repeating it: what they give is never read. */
// @ts-ignore: decorator
@inline
function transformChannels(
  ofX: bool, list: usize, runs: i32, count: i32, plane: usize, channels: i32, to: usize, step: usize, lines: usize,
  first: usize, sums: usize,
): void {
  for (let c = 0; c < channels; c++) {
    const at = lines + <usize>c * LINES, offset = first + <usize>c * plane;
    if (ofX) inputColumns(list, runs, offset, at);
    else resultColumns(list, runs, offset, at, sums + (<usize>c << 4));
  }
  const l1 = lines + (channels > 1 ? LINES : 0);
  const l2 = channels > 2 ? lines + 2 * LINES : l1;
  const l3 = channels > 3 ? lines + 3 * LINES : l2;
  for (let t = 0; t < count; t++) {
    const place = placeInLine(list, t);
    if (ofX) inputLines(lines + place, l1 + place, l2 + place, l3 + place, to, step);
    else resultLines(lines + place, l1 + place, l2 + place, l3 + place, to, step);
    to += ofX ? 32 : 16;
  }
}

/**
 * Transformed gradients, and sums of dy. Items: (chunk of the tiles, group, block of rows, block of channels), the last
 * fastest.
 */
export function winogradGradients(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WinogradGradientArguments>(args);
  const list = threadWorkspace(thread), lines = list + LIST;
  const input = lines + 4 * LINES;
  const inputStep = p.inputStep, resultStep = p.resultStep, row = p.gradientRow;
  const result = input + 36 * inputStep;
  const sums = result + 36 * resultStep;
  const xPlane = p.xPlane, yPlane = p.yPlane;
  for (let item = begin; item < end; item++) {
    const c0 = (item % p.channelBlocks) * p.blockChannels;
    let rest = item / p.channelBlocks;
    const m0 = (rest % p.rowBlocks) * p.blockRows;
    rest /= p.rowBlocks;
    const g = rest % p.group, chunk = rest / p.group;
    const channels = min(p.blockChannels, p.channels - c0), rows = min(p.blockRows, p.m - m0);
    const firstTile = chunk * p.chunkTiles, endTile = min(firstTile + p.chunkTiles, p.tiles);
    const x = p.x + <usize>g * p.xGroup + <usize>c0 * xPlane;
    const dy = p.y + <usize>g * p.yGroup + <usize>m0 * yPlane;
    const target =
      p.gradients + <usize>chunk * p.chunkBytes + <usize>g * p.gradientGroup + <usize>m0 * row + (<usize>c0 << 2);
    memory.fill(sums, 0, <usize>p.blockRows << 4);
    for (let tile = firstTile; tile < endTile; tile += p.stripTiles) {
      const count = min(p.stripTiles, endTile - tile);
      let runs = listRuns(p, INPUT_ROWS, x, tile, count, list);
      for (let c = 0; c < channels; c += 4) {
        const to = input + <usize>(c >> 3) * (<usize>count << 5) + (<usize>(c & 4) << 2);
        transformChannels(
          true, list, runs, count, xPlane, min(4, channels - c), to, inputStep, lines, <usize>c * xPlane, sums,
        );
      }
      runs = listRuns(p, RESULT_ROWS, dy, tile, count, list);
      for (let r = 0; r < rows; r += 4) {
        const to = result + <usize>r * (<usize>count << 2);
        transformChannels(
          false, list, runs, count, yPlane, min(4, rows - r), to, resultStep, lines, <usize>r * yPlane,
          sums + (<usize>r << 4),
        );
      }
      const mode = tile > firstTile ? ADD : STORE;
      for (let place: usize = 0; place < 36; place++) {
        let b = input + place * inputStep;
        const to = target + place * p.gradientStep;
        for (let c = 0; c < channels; c += 8) {
          let a = result + place * resultStep;
          let at = to + (<usize>c << 2);
          for (let r = 0; r < rows; r += 4) {
            packedTile(a, b, count, at, row, mode);
            a += <usize>count << 4;
            at += 4 * row;
          }
          b += <usize>count << 5;
        }
      }
    }
    if (c0 > 0) continue; // the first block of channels has said it
    const to = p.rowSums + (<usize>((chunk * p.group + g) * p.m + m0) << 2);
    for (let r = 0; r < rows; r++) store<f32>(to + (<usize>r << 2), sumLanes(v128.load(sums + (<usize>r << 4))));
  }
}

function addRowSums(p: WinogradGradientArguments, row: i32): void {
  const rows = p.group * p.m;
  let total: f32 = 0;
  for (let chunk = 0; chunk < p.chunks; chunk++) total += load<f32>(p.rowSums + (<usize>(chunk * rows + row) << 2));
  const to = p.db + (<usize>row << 2);
  store<f32>(to, p.accumulate ? load<f32>(to) + total : total);
}

/** The chunks added up in order, back to nine taps. Items: (group, output channel). */
export function winogradGradientsBack(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WinogradGradientArguments>(args);
  const sums = threadWorkspace(thread), middle = sums + 576, taps = sums;
  const channels = p.channels, step = p.gradientStep;
  const accumulate = p.accumulate != 0;
  for (let item = begin; item < end; item++) {
    const g = item / p.m, row = item % p.m;
    if (p.db) addRowSums(p, item);
    const gradients = p.gradients + <usize>g * p.gradientGroup + <usize>row * p.gradientRow;
    let to = p.dw + <usize>(item * channels) * 36;
    for (let c = 0; c < channels; c += 4) {
      let from = gradients + (<usize>c << 2), sum = sums;
      for (let place = 0; place < 36; place++) {
        let total = v128.load(from);
        let part = from;
        for (let chunk = 1; chunk < p.chunks; chunk++) {
          part += p.chunkBytes;
          total = f32x4.add(total, v128.load(part));
        }
        v128.store(sum, total);
        sum += 16;
        from += step;
      }
      for (let i: usize = 0; i < 6; i++) {
        const at = sums + i * 96;
        gradientTransform(
          v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), v128.load(at, 64), v128.load(at, 80),
          middle + i * 48, 16,
        );
      }
      for (let j: usize = 0; j < 3; j++) {
        const at = middle + (j << 4);
        gradientTransform(
          v128.load(at), v128.load(at, 48), v128.load(at, 96), v128.load(at, 144), v128.load(at, 192),
          v128.load(at, 240), taps + (j << 4), 48,
        );
      }
      const lanes = min(4, channels - c);
      for (let l = 0; l < lanes; l++) {
        let tap = taps + (<usize>l << 2);
        for (let i = 0; i < 9; i++) {
          const value = load<f32>(tap);
          store<f32>(to, accumulate ? load<f32>(to) + value : value);
          tap += 16;
          to += 4;
        }
      }
    }
  }
}
