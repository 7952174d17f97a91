import { threadWorkspace } from './control';
import { madd } from './math';
import { ADD, packedTile, STORE } from './tile';
import { inputTransform } from './winograd-transform';

// The gradient of 3×3 weights by the transposed way of assembly/winograd.ts: per place of the 36, the product of the
// transformed inputs and gradients of all tiles, then back to nine taps. Lanes are channels.

const SCRATCH: usize = 1024;
const ENTRY: usize = 80;

/** Strides are bytes. */
@unmanaged
class WinogradGradientArguments {
  x: usize;
  dy: usize;
  /** Transformed gradients of weights: [chunk][group][place][row][channel], rows of `gradientRow`. */
  gradients: usize;
  dw: usize;
  /** Eight words per column of tiles for x, then none; four for dy, then none. */
  xMasks: usize;
  yMasks: usize;
  /** Tiles of all images, of a strip (what is multiplied at once), and of a chunk. */
  tiles: i32;
  stripTiles: i32;
  chunkTiles: i32;
  chunks: i32;
  group: i32;
  tileRows: i32;
  tileColumns: i32;
  channels: i32;
  m: i32;
  /** Channels and rows of an item: a multiple of 8, of 4. */
  blockChannels: i32;
  blockRows: i32;
  channelBlocks: i32;
  rowBlocks: i32;
  padTop: i32;
  padLeft: i32;
  xHeight: i32;
  xRow: usize;
  xImage: usize;
  xGroup: usize;
  xPlane: usize;
  yHeight: i32;
  yRow: usize;
  yImage: usize;
  yGroup: usize;
  yPlane: usize;
  inputStep: usize;
  resultStep: usize;
  gradientStep: usize;
  gradientRow: usize;
  gradientGroup: usize;
  chunkBytes: usize;
  accumulate: i32;
}

/** Per tile the places of six rows of x and four of dy in the first channel's plane, each with its mask. */
function listTiles(p: WinogradGradientArguments, first: i32, count: i32, x: usize, dy: usize, rows: usize): void {
  const tilesAnImage = p.tileRows * p.tileColumns;
  for (let i = 0; i < count; i++) {
    const n = (first + i) / tilesAnImage, within = (first + i) % tilesAnImage;
    const top = (within / p.tileColumns) << 2, column = within % p.tileColumns, left = column << 2;
    const from = x + <usize>n * p.xImage + (<isize>(left - p.padLeft) << 2);
    for (let r = 0; r < 6; r++) {
      const row = top - p.padTop + r;
      const inside = <u32>row < <u32>p.xHeight;
      store<usize>(rows, inside ? from + <usize>row * p.xRow : x);
      store<usize>(rows, p.xMasks + (<usize>(inside ? column : p.tileColumns) << 5), 4);
      rows += 8;
    }
    const result = dy + <usize>n * p.yImage + (<usize>left << 2);
    for (let r = 0; r < 4; r++) {
      const inside = top + r < p.yHeight;
      store<usize>(rows, inside ? result + <usize>(top + r) * p.yRow : dy);
      store<usize>(rows, p.yMasks + (<usize>(inside ? column : p.tileColumns) << 4), 4);
      rows += 8;
    }
  }
}

/** Bᵀ·d·B of one tile of four channels, whose planes lie at `p0`… */
// @ts-ignore: decorator
@inline
function transformInput(rows: usize, p0: usize, p1: usize, p2: usize, p3: usize, to: usize, step: usize, scratch: usize): void {
  for (let r: usize = 0; r < 6; r++) {
    const at = load<usize>(rows), mask = load<usize>(rows, 4);
    rows += 8;
    const k0 = v128.load(mask), k1 = v128.load(mask, 16);
    const r0 = v128.and(v128.load(at + p0), k0), r1 = v128.and(v128.load(at + p1), k0);
    const r2 = v128.and(v128.load(at + p2), k0), r3 = v128.and(v128.load(at + p3), k0);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    const s0 = v128.and(v128.load(at + p0, 16), k1), s1 = v128.and(v128.load(at + p1, 16), k1);
    const s2 = v128.and(v128.load(at + p2, 16), k1), s3 = v128.and(v128.load(at + p3, 16), k1);
    const e = v128.shuffle<f32>(s0, s1, 0, 4, 1, 5), f = v128.shuffle<f32>(s2, s3, 0, 4, 1, 5);
    inputTransform(
      v128.shuffle<f64>(a, c, 0, 2), v128.shuffle<f64>(a, c, 1, 3),
      v128.shuffle<f64>(b, d, 0, 2), v128.shuffle<f64>(b, d, 1, 3),
      v128.shuffle<f64>(e, f, 0, 2), v128.shuffle<f64>(e, f, 1, 3),
      scratch + r * 96, 16,
    );
  }
  for (let j = 0; j < 6; j++) {
    inputTransform(
      v128.load(scratch), v128.load(scratch, 96), v128.load(scratch, 192),
      v128.load(scratch, 288), v128.load(scratch, 384), v128.load(scratch, 480),
      to, 6 * step,
    );
    scratch += 16;
    to += step;
  }
}

/** A·y: from four values six. */
// @ts-ignore: decorator
@inline
function spread(y0: v128, y1: v128, y2: v128, y3: v128, to: usize, step: usize): void {
  v128.store(to, y0);
  v128.store(to + 5 * step, y3);
  const u = madd(f32x4.splat(0.5), y2, y0);
  const v = madd(f32x4.splat(0.35355338), y3, f32x4.mul(f32x4.splat(0.70710677), y1));
  v128.store(to + step, f32x4.add(u, v));
  v128.store(to + 2 * step, f32x4.sub(u, v));
  const s = f32x4.add(y0, f32x4.add(y2, y2));
  const t = madd(f32x4.splat(2.828427), y3, f32x4.mul(f32x4.splat(1.4142135), y1));
  v128.store(to + 3 * step, f32x4.add(s, t));
  v128.store(to + 4 * step, f32x4.sub(s, t));
}

/** A·dy·Aᵀ of one tile of four output channels. */
// @ts-ignore: decorator
@inline
function transformResult(rows: usize, p0: usize, p1: usize, p2: usize, p3: usize, to: usize, step: usize, scratch: usize): void {
  for (let r: usize = 0; r < 4; r++) {
    const at = load<usize>(rows), k = v128.load(load<usize>(rows, 4));
    rows += 8;
    const r0 = v128.and(v128.load(at + p0), k), r1 = v128.and(v128.load(at + p1), k);
    const r2 = v128.and(v128.load(at + p2), k), r3 = v128.and(v128.load(at + p3), k);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    spread(
      v128.shuffle<f64>(a, c, 0, 2), v128.shuffle<f64>(a, c, 1, 3),
      v128.shuffle<f64>(b, d, 0, 2), v128.shuffle<f64>(b, d, 1, 3),
      scratch + r * 96, 16,
    );
  }
  for (let j = 0; j < 6; j++) {
    spread(
      v128.load(scratch), v128.load(scratch, 96), v128.load(scratch, 192), v128.load(scratch, 288), to, 6 * step,
    );
    scratch += 16;
    to += step;
  }
}

/** Transformed gradients. Items: (chunk of the tiles, group, block of rows, block of channels), the last fastest. */
export function winogradGradients(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WinogradGradientArguments>(args);
  const scratch = threadWorkspace(thread);
  const list = scratch + SCRATCH;
  const input = list + <usize>p.stripTiles * ENTRY;
  const inputStep = p.inputStep, resultStep = p.resultStep, row = p.gradientRow;
  const result = input + 36 * inputStep;
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
    const dy = p.dy + <usize>g * p.yGroup + <usize>m0 * yPlane;
    const target =
      p.gradients + <usize>chunk * p.chunkBytes + <usize>g * p.gradientGroup + <usize>m0 * row + (<usize>c0 << 2);
    for (let tile = firstTile; tile < endTile; tile += p.stripTiles) {
      const count = min(p.stripTiles, endTile - tile);
      listTiles(p, tile, count, x, dy, list);
      // Lanes past the last channel repeat it; what they give is never read.
      for (let c = 0; c < channels; c += 4) {
        const p0 = <usize>c * xPlane, p1 = <usize>min(c + 1, channels - 1) * xPlane;
        const p2 = <usize>min(c + 2, channels - 1) * xPlane, p3 = <usize>min(c + 3, channels - 1) * xPlane;
        let to = input + <usize>(c >> 3) * (<usize>count << 5) + (<usize>(c & 4) << 2), from = list;
        for (let t = 0; t < count; t++) {
          transformInput(from, p0, p1, p2, p3, to, inputStep, scratch);
          from += ENTRY;
          to += 32;
        }
      }
      for (let r = 0; r < rows; r += 4) {
        const p0 = <usize>r * yPlane, p1 = <usize>min(r + 1, rows - 1) * yPlane;
        const p2 = <usize>min(r + 2, rows - 1) * yPlane, p3 = <usize>min(r + 3, rows - 1) * yPlane;
        let to = result + <usize>r * (<usize>count << 2), from = list + 48;
        for (let t = 0; t < count; t++) {
          transformResult(from, p0, p1, p2, p3, to, resultStep, scratch);
          from += ENTRY;
          to += 16;
        }
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
  }
}

/** Gᵀ·m: from six values three. */
// @ts-ignore: decorator
@inline
function gather(m0: v128, m1: v128, m2: v128, m3: v128, m4: v128, m5: v128, to: usize, step: usize): void {
  const s = f32x4.add(m1, m2), t = f32x4.add(m3, m4), d = f32x4.sub(m2, m1), e = f32x4.sub(m3, m4);
  v128.store(to, madd(f32x4.splat(-0.6666667), s, madd(f32x4.splat(0.16666667), t, m0)));
  v128.store(to + step, madd(f32x4.splat(0.47140452), d, f32x4.mul(f32x4.splat(0.23570226), e)));
  v128.store(to + 2 * step, madd(f32x4.splat(0.33333334), f32x4.sub(t, s), m5));
}

/** The chunks added up in order, back to nine taps. Items: (group, output channel). */
export function winogradGradientsBack(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WinogradGradientArguments>(args);
  const sums = threadWorkspace(thread), middle = sums + 576, taps = sums;
  const channels = p.channels, step = p.gradientStep;
  const accumulate = p.accumulate != 0;
  for (let item = begin; item < end; item++) {
    const g = item / p.m, row = item % p.m;
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
        gather(
          v128.load(at), v128.load(at, 16), v128.load(at, 32), v128.load(at, 48), v128.load(at, 64), v128.load(at, 80),
          middle + i * 48, 16,
        );
      }
      for (let j: usize = 0; j < 3; j++) {
        const at = middle + (j << 4);
        gather(
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
