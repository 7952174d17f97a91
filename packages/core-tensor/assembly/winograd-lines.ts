import { keep } from './vector';
import { WinogradGeometry } from './winograd-geometry';
import { inputTransform, resultTransform } from './winograd-transform';

// The two-dimensional transforms go down the columns first, for all tiles of a row at once: no value is moved between
// lanes, what neighbouring tiles share is done once, and the zeros around a plane cost nothing inp. What comes out
// lies in six lines; the transform along them takes four tiles, or four channels, as lanes.

/** Tiles in the lines at once: with the lines of four channels they fit the first cache. */
export const LINE_TILES: i32 = 32;
/** Bytes of a line, an odd number of cache lines: the widest are those of tiles that share nothing. */
export const LINE: usize = 1088;
export const LINES: usize = 6 * LINE;

// A list: a row of zeros, then where each tile begins in a line, then the runs.
const ZEROS: usize = 576;
const RUNS: usize = ZEROS + 4 * LINE_TILES;
const RUN_BYTES: usize = 64;
export const LIST: usize = RUNS + LINE_TILES * RUN_BYTES;

/** Neighbouring tiles in a row. */
@unmanaged
class Run {
  /** Zeros before the first value of a row, values, and both with the zeros behind. */
  lead: i32;
  have: i32;
  need: i32;
  /** Where it begins in a line. */
  to: usize;
  /** Then, row by row: the address in the first channel, and what of a channel's offset counts (all, or nothing). */
}

/** Rows of a tile of x, of y. */
export const INPUT_ROWS: i32 = 6;
export const RESULT_ROWS: i32 = 4;

/**
 * Lists `count` tiles of x or of y (`rows` says which), `base` being its first channel, and gives the number of runs;
 * tiles that do not exist are zeros.
 */
export function listRuns(p: WinogradGeometry, rows: i32, base: usize, first: i32, count: i32, list: usize): i32 {
  memory.fill(list, 0, ZEROS);
  const ofX = rows == INPUT_ROWS;
  const padTop = ofX ? p.padTop : 0, padLeft = ofX ? p.padLeft : 0;
  const height = ofX ? p.xHeight : p.yHeight, width = ofX ? p.xWidth : p.yWidth;
  const rowBytes = ofX ? p.xRow : p.yRow, imageBytes = ofX ? p.xImage : p.yImage;
  let tile = list + ZEROS, at = list + RUNS;
  let to: usize = 0;
  let runs = 0;
  const shared = rows - 4;
  for (let i = 0; i < count; ) {
    const row = (first + i) / p.tileColumns, column = (first + i) % p.tileColumns;
    const image = row / p.tileRows;
    const top = ((row % p.tileRows) << 2) - padTop, left = (column << 2) - padLeft;
    const some = min(count - i, p.tileColumns - column);
    const exists = first + i < p.tiles;
    const run = changetype<Run>(at);
    run.need = (some << 2) + shared;
    run.lead = max(-left, 0);
    run.have = max(0, min(width - left, run.need) - run.lead);
    run.to = to;
    const from = base + <usize>image * imageBytes + (<usize>(left + run.lead) << 2);
    let entry = at + offsetof<Run>();
    for (let r = 0; r < rows; r++) {
      const inside = exists && <u32>(top + r) < <u32>height;
      store<usize>(entry, inside ? from + <usize>(top + r) * rowBytes : list);
      store<usize>(entry, inside ? -1 : 0, 4);
      entry += 8;
    }
    for (let t = 0; t < some; t++) {
      store<usize>(tile, to + (<usize>t << 4));
      tile += 4;
    }
    // A whole vector more: stores may run over, into what the next run overwrites.
    to += <usize>((some << 2) + (shared ? 4 : 0)) << 2;
    at += RUN_BYTES;
    runs++;
    i += some;
  }
  return runs;
}

/** Where the tile begins in a line. */
// @ts-ignore: decorator
@inline
export function placeInLine(list: usize, tile: i32): usize {
  return load<usize>(list + ZEROS + (<usize>tile << 2));
}

// @ts-ignore: decorator
@inline
function rowOf(entry: usize, row: usize, plane: usize): usize {
  return load<usize>(entry + (row << 3)) + (plane & load<usize>(entry + (row << 3), 4));
}

// @ts-ignore: decorator
@inline
function clear(to: usize): void {
  const zero = f32x4.splat(0);
  v128.store(to, zero);
  v128.store(to + LINE, zero);
  v128.store(to + 2 * LINE, zero);
  v128.store(to + 3 * LINE, zero);
  v128.store(to + 4 * LINE, zero);
  v128.store(to + 5 * LINE, zero);
}

/** Bᵀ·d of the runs' columns, of the channel `plane` bytes on. */
export function inputColumns(list: usize, runs: i32, plane: usize, lines: usize): void {
  let at = list + RUNS;
  for (let i = 0; i < runs; i++) {
    const run = changetype<Run>(at), entry = at + offsetof<Run>();
    at += RUN_BYTES;
    let r0 = rowOf(entry, 0, plane), r1 = rowOf(entry, 1, plane), r2 = rowOf(entry, 2, plane);
    let r3 = rowOf(entry, 3, plane), r4 = rowOf(entry, 4, plane), r5 = rowOf(entry, 5, plane);
    let to = lines + run.to;
    const end = to + (<usize>run.need << 2);
    if (run.lead) clear(to);
    to += <usize>run.lead << 2;
    let left = run.have;
    for (; left >= 4; left -= 4) {
      inputTransform(v128.load(r0), v128.load(r1), v128.load(r2), v128.load(r3), v128.load(r4), v128.load(r5), to, LINE);
      r0 += 16;
      r1 += 16;
      r2 += 16;
      r3 += 16;
      r4 += 16;
      r5 += 16;
      to += 16;
    }
    if (left > 0) {
      inputTransform(
        keep(v128.load(r0), left), keep(v128.load(r1), left), keep(v128.load(r2), left),
        keep(v128.load(r3), left), keep(v128.load(r4), left), keep(v128.load(r5), left), to, LINE,
      );
      to += 16;
    }
    for (; to < end; to += 16) clear(to);
  }
}

/** A·y of the runs' columns; adds the values themselves, which are at hand, to the four lanes at `sum`. */
export function resultColumns(list: usize, runs: i32, plane: usize, lines: usize, sum: usize): void {
  let at = list + RUNS;
  let total = v128.load(sum);
  for (let i = 0; i < runs; i++) {
    const run = changetype<Run>(at), entry = at + offsetof<Run>();
    at += RUN_BYTES;
    let r0 = rowOf(entry, 0, plane), r1 = rowOf(entry, 1, plane);
    let r2 = rowOf(entry, 2, plane), r3 = rowOf(entry, 3, plane);
    let to = lines + run.to;
    let left = run.have;
    for (; left >= 4; left -= 4) {
      const y0 = v128.load(r0), y1 = v128.load(r1), y2 = v128.load(r2), y3 = v128.load(r3);
      resultTransform(y0, y1, y2, y3, to, LINE);
      total = f32x4.add(total, f32x4.add(f32x4.add(y0, y1), f32x4.add(y2, y3)));
      r0 += 16;
      r1 += 16;
      r2 += 16;
      r3 += 16;
      to += 16;
    }
    if (left <= 0) continue;
    const y0 = keep(v128.load(r0), left), y1 = keep(v128.load(r1), left);
    const y2 = keep(v128.load(r2), left), y3 = keep(v128.load(r3), left);
    resultTransform(y0, y1, y2, y3, to, LINE);
    total = f32x4.add(total, f32x4.add(f32x4.add(y0, y1), f32x4.add(y2, y3)));
  }
  v128.store(sum, total);
}

/** Bᵀ·d·B from the lines of four tiles (of one channel) or of four channels (of one tile). */
// @ts-ignore: decorator
@inline
export function inputLines(p0: usize, p1: usize, p2: usize, p3: usize, to: usize, step: usize): void {
  for (let r = 0; r < 6; r++) {
    const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const e = v128.shuffle<f32>(v128.load(p0, 16), v128.load(p1, 16), 0, 4, 1, 5);
    const f = v128.shuffle<f32>(v128.load(p2, 16), v128.load(p3, 16), 0, 4, 1, 5);
    inputTransform(
      v128.shuffle<f64>(a, c, 0, 2), v128.shuffle<f64>(a, c, 1, 3),
      v128.shuffle<f64>(b, d, 0, 2), v128.shuffle<f64>(b, d, 1, 3),
      v128.shuffle<f64>(e, f, 0, 2), v128.shuffle<f64>(e, f, 1, 3),
      to, step,
    );
    p0 += LINE;
    p1 += LINE;
    p2 += LINE;
    p3 += LINE;
    to += 6 * step;
  }
}

/** A·y·Aᵀ from the lines of four channels of one tile. */
// @ts-ignore: decorator
@inline
export function resultLines(p0: usize, p1: usize, p2: usize, p3: usize, to: usize, step: usize): void {
  for (let r = 0; r < 6; r++) {
    const r0 = v128.load(p0), r1 = v128.load(p1), r2 = v128.load(p2), r3 = v128.load(p3);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    resultTransform(
      v128.shuffle<f64>(a, c, 0, 2), v128.shuffle<f64>(a, c, 1, 3),
      v128.shuffle<f64>(b, d, 0, 2), v128.shuffle<f64>(b, d, 1, 3), to, step,
    );
    p0 += LINE;
    p1 += LINE;
    p2 += LINE;
    p3 += LINE;
    to += 6 * step;
  }
}
