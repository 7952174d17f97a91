import { threadWorkspace } from './control';
import { Requantization, requantize } from './int8-requantize';
import { dotTile } from './int8-tile';

// F(4×4, 3×3) in whole numbers. With the points 0, ±1, ±2, ∞ and each row of G times its denominator, transformed codes
// and weights are whole numbers of 16 bits, and the result is 576·y. All sums are modulo 2^32: times the inverse of 9
// that is 64·y, which gives y where y has 26 bits. Nothing is rounded: equal to the direct sums, bit for bit.

const INVERSE_OF_9: i32 = 954437177;

@unmanaged
class Int8WinogradArguments {
  x: usize;
  y: usize;
  /** [group][panel][36][pair][8 outputs][2]. */
  weights: usize;
  requantization: usize;
  /** Eight channels at a time, of x in a group; eight outputs at a time. */
  blocks: i32;
  panels: i32;
  groups: i32;
  outputs: i32;
  xGroup: usize;
  /** Panels whose products are kept at once; tiles of an item; items, tiles in a row, rows and columns of an image. */
  panelsAtOnce: i32;
  itemTiles: i32;
  items: i32;
  tiles: i32;
  tileColumns: i32;
  rows: i32;
  columns: i32;
  xImage: usize;
  xRow: usize;
  xColumn: usize;
  yImage: usize;
  yRow: usize;
  yColumn: usize;
}

/** Bᵀ·d of six vectors of eight i16. */
// @ts-ignore: decorator
@inline
function inputTransform(d0: v128, d1: v128, d2: v128, d3: v128, d4: v128, d5: v128, to: usize, step: usize): void {
  const four0 = i16x8.shl(d0, 2), four1 = i16x8.shl(d1, 2), four2 = i16x8.shl(d2, 2), four3 = i16x8.shl(d3, 2);
  v128.store(to, i16x8.add(i16x8.sub(four0, i16x8.add(four2, d2)), d4));
  v128.store(to + 5 * step, i16x8.add(i16x8.sub(four1, i16x8.add(four3, d3)), d5));
  const u = i16x8.sub(d4, four2), v = i16x8.sub(d3, four1);
  v128.store(to + step, i16x8.add(u, v));
  v128.store(to + 2 * step, i16x8.sub(u, v));
  const s = i16x8.sub(d4, d2), t = i16x8.shl(i16x8.sub(d3, d1), 1);
  v128.store(to + 3 * step, i16x8.add(s, t));
  v128.store(to + 4 * step, i16x8.sub(s, t));
}

/** Aᵀ·m of six vectors of four i32, times 24. */
// @ts-ignore: decorator
@inline
function outputTransform(from: usize, step: usize, to: usize, toStep: usize, scaled: bool): void {
  const m0 = v128.load(from), m5 = v128.load(from + 5 * step);
  const m1 = v128.load(from + step), m2 = v128.load(from + 2 * step);
  const m3 = v128.load(from + 3 * step), m4 = v128.load(from + 4 * step);
  const s = i32x4.shl(i32x4.add(m1, m2), 2), d = i32x4.shl(i32x4.sub(m1, m2), 2);
  const u = i32x4.add(m3, m4), v = i32x4.shl(i32x4.sub(m3, m4), 1);
  const six0 = i32x4.add(i32x4.shl(m0, 2), i32x4.shl(m0, 1));
  const many5 = i32x4.add(i32x4.shl(m5, 4), i32x4.shl(m5, 3));
  put(to, i32x4.add(six0, i32x4.sub(u, s)), scaled);
  put(to + toStep, i32x4.sub(v, d), scaled);
  put(to + 2 * toStep, i32x4.sub(i32x4.shl(u, 2), s), scaled);
  put(to + 3 * toStep, i32x4.add(many5, i32x4.sub(i32x4.shl(v, 2), d)), scaled);
}

// @ts-ignore: decorator
@inline
function put(to: usize, v: v128, scaled: bool): void {
  v128.store(to, scaled ? i32x4.shr_s(i32x4.mul(v, i32x4.splat(INVERSE_OF_9)), 6) : v);
}

/** Eight channels of a tile: result places lie `step` bytes apart. */
function transformTile(x: usize, row: usize, column: usize, half: usize, to: usize, step: usize): void {
  for (let i: usize = 0; i < 6; i++) {
    const at = x + i * row;
    inputTransform(
      v128.load(at), v128.load(at + column), v128.load(at + 2 * column), v128.load(at + 3 * column),
      v128.load(at + 4 * column), v128.load(at + 5 * column), half + i * 96, 16,
    );
  }
  for (let j: usize = 0; j < 6; j++) {
    const at = half + j * 16;
    inputTransform(
      v128.load(at), v128.load(at, 96), v128.load(at, 192), v128.load(at, 288), v128.load(at, 384), v128.load(at, 480),
      to + j * step, 6 * step,
    );
  }
}

/** Items are runs of tiles of an image. */
export function int8Winograd(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<Int8WinogradArguments>(args);
  const q = changetype<Requantization>(p.requantization);
  const work = threadWorkspace(thread);
  // a zero (the only offset), scratch of transforms, results of a tile, transformed input, products
  const half = work + 64, sums = half + 576;
  const atOnce = p.panelsAtOnce, pixelBytes = <usize>atOnce << 5;
  const input = sums + 16 * pixelBytes;
  const tileBytes = <usize>p.blocks << 4;
  const inputPlace = <usize>p.itemTiles * tileBytes + 64; // not a power of two, for the cache's sake
  const products = input + 36 * inputPlace;
  const productPlace = <usize>p.itemTiles * pixelBytes + 64;
  const pairs = p.blocks << 2;
  const placeWeights = <usize>pairs << 5;
  store<usize>(work, 0);
  for (let item = begin; item < end; item++) {
    const n = <usize>(item / p.items);
    const t0 = (item % p.items) * p.itemTiles, t1 = min(t0 + p.itemTiles, p.tiles);
    for (let g = 0; g < p.groups; g++) {
      for (let t = t0; t < t1; t++) {
        const r = <usize>(t / p.tileColumns), c = <usize>(t % p.tileColumns);
        const x = p.x + n * p.xImage + 4 * r * p.xRow + 4 * c * p.xColumn + <usize>g * p.xGroup;
        const to = input + <usize>(t - t0) * tileBytes;
        for (let b: usize = 0; b < tileBytes; b += 16) transformTile(x + b, p.xRow, p.xColumn, half, to + b, inputPlace);
      }
      for (let first = 0; first < p.panels; first += atOnce) {
        const last = min(first + atOnce, p.panels);
        for (let place: usize = 0; place < 36; place++) {
          for (let panel = first; panel < last; panel++) {
            const weights = p.weights + (<usize>(g * p.panels + panel) * 36 + place) * placeWeights;
            let from = input + place * inputPlace;
            let to = products + place * productPlace + (<usize>(panel - first) << 5);
            for (let t = t0; t < t1; t += 4) {
              const x1 = from + tileBytes, x2 = x1 + tileBytes;
              dotTile(weights, from, x1, x2, x2 + tileBytes, work, 1, pairs, to, pixelBytes);
              from = x2 + 2 * tileBytes;
              to += pixelBytes << 2;
            }
          }
        }
        const firstOutput = first << 3;
        const count = min(last << 3, p.outputs) - firstOutput;
        for (let t = t0; t < t1; t++) {
          const from = products + <usize>(t - t0) * pixelBytes;
          for (let o: usize = 0; o < <usize>count << 2; o += 16) {
            for (let i: usize = 0; i < 6; i++) {
              outputTransform(from + o + i * productPlace, 6 * productPlace, half + i * 16, 96, false);
            }
            for (let i: usize = 0; i < 4; i++) {
              outputTransform(half + i * 96, 16, sums + 4 * i * pixelBytes + o, pixelBytes, true);
            }
          }
          const r = 4 * (t / p.tileColumns), c = 4 * (t % p.tileColumns);
          const height = min(4, p.rows - r), width = min(4, p.columns - c);
          let y = p.y + n * p.yImage + <usize>r * p.yRow + <usize>c * p.yColumn;
          y += <usize>(g * p.outputs + firstOutput) << 1;
          const channel = g * p.panels * 8 + firstOutput;
          for (let i = 0; i < height; i++) {
            requantize(q, sums + 4 * <usize>i * pixelBytes, 0, 0, pixelBytes, y, p.yColumn, width, channel, count);
            y += p.yRow;
          }
        }
      }
    }
  }
}
