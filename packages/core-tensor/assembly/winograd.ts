import { threadWorkspace } from './control';
import { packedTile, STORE } from './tile';
import { keep, put, relu4 } from './vector';
import { WinogradGeometry } from './winograd-geometry';
import { INPUT_ROWS, inputColumns, inputLines, LINE_TILES, LINES, LIST, listRuns, placeInLine } from './winograd-lines';
import { kernelTransform, outputTransform } from './winograd-transform';

// 3×3 convolution by Winograd's F(4×4, 3×3): tiles of 4×4 results, each from 6×6 inputs by 36 products a channel where
// the direct way takes 144. An item transforms a strip of tiles of all channels (it stays in the second cache), then for
// some panels of output channels at a time multiplies, per place of the 36, and transforms back.

/** Panels of four output channels whose products are kept until they are transformed back. */
const PANELS_AT_ONCE = 8;
const SCRATCH: usize = 512;

/** Strides are bytes. */
@unmanaged
class WinogradArguments extends WinogradGeometry {
  /** Transformed: [group][place][panel][channel][row of the panel]. */
  weights: usize;
  bias: usize;
  /** Tiles of an item, a multiple of 8; items that cover the tiles. */
  itemTiles: i32;
  strips: i32;
  /** Shares of the output channels that are items of their own. */
  parts: i32;
  /** Panels that hold the output channels of a group. */
  panels: i32;
  /** From place to place: in the weights, in the transformed input, in the products. */
  weightStep: usize;
  inputStep: usize;
  productStep: usize;
  relu: i32;
  slope: f32;
}

@unmanaged
class TargetTile {
  /** Of the first channel. */
  address: usize;
  rows: i32;
  columns: i32;
}

function listTargets(p: WinogradArguments, first: i32, count: i32, y: usize, targets: usize): void {
  const tilesAnImage = p.tileRows * p.tileColumns;
  for (let tile = first; tile < first + count; tile++) {
    const exists = tile < p.tiles;
    const n = exists ? tile / tilesAnImage : 0, within = tile % tilesAnImage;
    const top = (within / p.tileColumns) << 2, left = (within % p.tileColumns) << 2;
    const target = changetype<TargetTile>(targets);
    target.address = y + <usize>n * p.yImage + <usize>top * p.yRow + (<usize>left << 2);
    target.rows = exists ? min(4, p.yHeight - top) : 0;
    target.columns = exists ? min(4, p.yWidth - left) : 0;
    targets += offsetof<TargetTile>();
  }
}

/** Bᵀ·d·B of `tiles` tiles of all channels: [block of 8 tiles][channel][tile of the block] per place. */
function transformInput(p: WinogradArguments, first: i32, tiles: i32, x: usize, input: usize, list: usize): void {
  const lines = list + LIST, step = p.inputStep, channels = p.channels;
  const blockBytes = <usize>channels << 5;
  for (let start = 0; start < tiles; start += LINE_TILES) {
    const count = min(LINE_TILES, tiles - start);
    const runs = listRuns(p, INPUT_ROWS, x, first + start, count, list);
    for (let c = 0; c < channels; c++) {
      inputColumns(list, runs, <usize>c * p.xPlane, lines);
      let to = input + <usize>(start >> 3) * blockBytes + (<usize>c << 5);
      for (let t = 0; t < count; t += 4) {
        inputLines(
          lines + placeInLine(list, t), lines + placeInLine(list, t + 1),
          lines + placeInLine(list, t + 2), lines + placeInLine(list, t + 3), to, step,
        );
        to += t & 4 ? blockBytes - 16 : 16;
      }
    }
  }
}

/** Aᵀ·m·A of four tiles of one output channel, (+ bias) (then ReLU), to where they belong. */
// @ts-ignore: decorator
@inline
function transformOutput(
  p: WinogradArguments, from: usize, step: usize, targets: usize, plane: usize, bias: f32, scratch: usize,
): void {
  for (let j: usize = 0; j < 6; j++) outputTransform(from + j * step, 6 * step, scratch + (j << 4), 96);
  const t0 = changetype<TargetTile>(targets), t1 = changetype<TargetTile>(targets + offsetof<TargetTile>());
  const t2 = changetype<TargetTile>(targets + 2 * offsetof<TargetTile>());
  const t3 = changetype<TargetTile>(targets + 3 * offsetof<TargetTile>());
  const whole = t0.rows + t1.rows + t2.rows + t3.rows + t0.columns + t1.columns + t2.columns + t3.columns == 32;
  const yRow = p.yRow;
  const biases = f32x4.splat(bias), slopes = f32x4.splat(p.slope);
  const relu = p.relu != 0;
  let y0 = t0.address + plane, y1 = t1.address + plane, y2 = t2.address + plane, y3 = t3.address + plane;
  const block = scratch + 384;
  for (let r = 0; r < 4; r++) {
    outputTransform(scratch, 16, block, 16);
    scratch += 96;
    const r0 = f32x4.add(v128.load(block), biases), r1 = f32x4.add(v128.load(block, 16), biases);
    const r2 = f32x4.add(v128.load(block, 32), biases), r3 = f32x4.add(v128.load(block, 48), biases);
    const a = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), b = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const c = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), d = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    let v0 = v128.shuffle<f64>(a, c, 0, 2), v1 = v128.shuffle<f64>(a, c, 1, 3);
    let v2 = v128.shuffle<f64>(b, d, 0, 2), v3 = v128.shuffle<f64>(b, d, 1, 3);
    if (relu) {
      v0 = relu4(v0, slopes);
      v1 = relu4(v1, slopes);
      v2 = relu4(v2, slopes);
      v3 = relu4(v3, slopes);
    }
    if (whole) {
      v128.store(y0, v0);
      v128.store(y1, v1);
      v128.store(y2, v2);
      v128.store(y3, v3);
    } else {
      if (r < t0.rows) put(y0, v0, t0.columns);
      if (r < t1.rows) put(y1, v1, t1.columns);
      if (r < t2.rows) put(y2, v2, t2.columns);
      if (r < t3.rows) put(y3, v3, t3.columns);
    }
    y0 += yRow;
    y1 += yRow;
    y2 += yRow;
    y3 += yRow;
  }
}

/** Items: (group, strip of tiles, share of the output channels), the last fastest. */
export function winogradConvolve(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WinogradArguments>(args);
  const scratch = threadWorkspace(thread);
  const list = scratch + SCRATCH;
  const targets = list + LIST + LINES;
  const input = targets + <usize>p.itemTiles * 16;
  const products = input + 36 * p.inputStep;
  const channels = p.channels, panels = p.panels, m = p.m;
  const inputStep = p.inputStep, productStep = p.productStep, weightStep = p.weightStep;
  const panelBytes = <usize>channels << 4, blockBytes = <usize>channels << 5;
  const productRow = <usize>p.itemTiles << 2;
  for (let item = begin; item < end; item++) {
    const part = item % p.parts, rest = item / p.parts;
    const strip = rest % p.strips, g = rest / p.strips;
    const first = strip * p.itemTiles;
    const blocks = (min(p.itemTiles, p.tiles - first) + 7) >> 3;
    listTargets(p, first, blocks << 3, p.y + <usize>g * p.yGroup, targets);
    transformInput(p, first, blocks << 3, p.x + <usize>g * p.xGroup, input, list);
    const firstPanel = (part * panels) / p.parts, endPanel = ((part + 1) * panels) / p.parts;
    const weights = p.weights + <usize>g * 36 * weightStep;
    for (let chunk = firstPanel; chunk < endPanel; chunk += PANELS_AT_ONCE) {
      const chunkEnd = min(chunk + PANELS_AT_ONCE, endPanel);
      for (let place: usize = 0; place < 36; place++) {
        const a = weights + place * weightStep;
        let b = input + place * inputStep;
        for (let block = 0; block < blocks; block++) {
          let to = products + place * productStep + (<usize>block << 5);
          for (let panel = chunk; panel < chunkEnd; panel++) {
            packedTile(a + <usize>panel * panelBytes, b, channels, to, productRow, STORE);
            to += 4 * productRow;
          }
          b += blockBytes;
        }
      }
      let from = products;
      const endRow = min(chunkEnd << 2, m);
      for (let row = chunk << 2; row < endRow; row++) {
        const bias: f32 = p.bias ? load<f32>(p.bias + (<usize>(g * m + row) << 2)) : 0;
        for (let q = 0; q < blocks << 1; q++) {
          transformOutput(
            p, from + (<usize>q << 4), productStep, targets + <usize>(q << 2) * offsetof<TargetTile>(),
            <usize>row * p.yPlane, bias, scratch,
          );
        }
        from += productRow;
      }
    }
  }
}

@unmanaged
class WinogradWeightArguments {
  plain: usize;
  packed: usize;
  panels: i32;
  m: i32;
  channels: i32;
  groupStride: usize;
  rowStride: usize;
  channelStride: usize;
  /** From a kernel's first value to the first tap, and from tap to tap: the gradient of x takes them backwards. */
  firstTap: usize;
  tapStride: usize;
  weightStep: usize;
}

/** G·g·Gᵀ; rows that are missing are zero. Items: (group, panel). */
export function winogradWeights(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<WinogradWeightArguments>(args);
  const scratch = threadWorkspace(thread);
  const channels = p.channels, step = p.weightStep;
  for (let item = begin; item < end; item++) {
    const g = item / p.panels, panel = item % p.panels;
    const row = panel << 2, rows = min(4, p.m - row);
    let w0 = p.plain + <usize>g * p.groupStride + <usize>row * p.rowStride + p.firstTap;
    const o1 = rows > 1 ? p.rowStride : 0, o2 = rows > 2 ? 2 * p.rowStride : 0, o3 = rows > 3 ? 3 * p.rowStride : 0;
    let to = p.packed + <usize>g * 36 * step + (<usize>panel * <usize>channels << 4);
    for (let c = 0; c < channels; c++) {
      let tap = w0;
      for (let i: usize = 0; i < 9; i++) {
        let v = v128.load_zero<f32>(tap);
        v = v128.load_lane<f32>(tap + o1, v, 1);
        v = v128.load_lane<f32>(tap + o2, v, 2);
        v = v128.load_lane<f32>(tap + o3, v, 3);
        v128.store(scratch + (i << 4), keep(v, rows));
        tap += p.tapStride;
      }
      const middle = scratch + 144;
      for (let i: usize = 0; i < 3; i++) {
        const at = scratch + i * 48;
        kernelTransform(v128.load(at), v128.load(at, 16), v128.load(at, 32), middle + i * 96, 16);
      }
      for (let j: usize = 0; j < 6; j++) {
        const at = middle + (j << 4);
        kernelTransform(v128.load(at), v128.load(at, 96), v128.load(at, 192), to + j * step, 6 * step);
      }
      w0 += p.channelStride;
      to += 16;
    }
  }
}
