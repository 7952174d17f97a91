import { threadWorkspace } from './control';
import { BEGIN, LEAST, lappedTile, MOST, MOST_LINES, RELU, sparseTile } from './sparse-tile';
import { put, relu4 } from './vector';

// Convolution by the weights that are not zero. A strip of the input, padded, is copied so that the four values that a
// vector of results needs for some weight always lie at the same distance from it: rows follow each other directly, and
// the zeros to the right of a row are those to the left of the next one. Results are computed for all values of a strip
// as one line, the few between the rows too, and then copied row by row to where they belong.

/** Strides are bytes. */
@unmanaged
class SparseArguments {
  x: usize;
  y: usize;
  bias: usize;
  /** For each (group, block of channels, output channel): where its list begins; after the last, where it ends. */
  starts: usize;
  /** What a channel's local copy consists of: SparseRow. */
  rows: usize;
  rowCount: i32;
  batch: i32;
  strips: i32;
  /** Shares of the output channels that are items of their own. */
  parts: i32;
  channels: i32;
  blockChannels: i32;
  blocks: i32;
  m: i32;
  xHeight: i32;
  xRow: usize;
  xPlane: usize;
  xGroup: usize;
  xImage: usize;
  yHeight: i32;
  yWidth: i32;
  yPlane: usize;
  yGroup: usize;
  yImage: usize;
  /** Step along a row of x from value to value of the local copy. */
  stride: i32;
  /** Rows of y a strip; rows of x from strip to strip; the first row (≤ 0 with padding). */
  stripRows: i32;
  stripStep: i32;
  firstRow: i32;
  planeBytes: usize;
  /** From row to row of the local copy and of the results. */
  pitch: usize;
  /** Of the block of channels' local copy. */
  inputBytes: usize;
  /** Results of a channel. */
  resultBytes: usize;
  /** Lapped lines a row of the local copy; 0 where that is plain. */
  lapped: i32;
  /** Bytes of a row before it is lapped. */
  rowBytes: usize;
  relu: i32;
  slope: f32;
  /** 1 where results go straight to y (`convolveRows`). */
  direct: i32;
}

@unmanaged
class SparseRow {
  target: usize;
  /** Row of x, from the strip's first. */
  row: i32;
  /** Values: zeros, `count` of x from `source` on, zeros. */
  zeros: i32;
  source: i32;
  count: i32;
  tail: i32;
}

// @ts-ignore: decorator
@inline
function zeroTo(to: usize, end: usize): void {
  for (; to < end; to += 16) v128.store(to, f32x4.splat(0));
}

/** May write three values more than there are: of the next row, which follows. */
// @ts-ignore: decorator
@inline
function copyRow(row: SparseRow, from: usize, to: usize, stride: i32): void {
  const data = to + (<usize>row.zeros << 2);
  zeroTo(to, data);
  const end = data + (<usize>row.count << 2);
  to = data;
  if (stride == 1) {
    for (; to < end; to += 16) {
      v128.store(to, v128.load(from));
      from += 16;
    }
  } else if (stride == 2) {
    for (; to < end; to += 16) {
      v128.store(to, v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
      from += 32;
    }
  } else {
    for (; to < end; to += 4) {
      store<f32>(to, load<f32>(from));
      from += <usize>stride << 2;
    }
  }
  zeroTo(end, end + (<usize>row.tail << 2));
}

/** Lines of 12 values and the next 4. */
// @ts-ignore: decorator
@inline
function lap(from: usize, to: usize, lines: i32): void {
  for (; lines > 0; lines--) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    from += 48;
    to += 64;
  }
}

function copyChannels(p: SparseArguments, x: usize, channels: i32, strip: i32, line: usize, to: usize): void {
  const first = strip * p.stripStep + p.firstRow, stride = p.stride, lapped = p.lapped;
  for (let c = 0; c < channels; c++) {
    let at = p.rows;
    for (let r = p.rowCount; r > 0; r--) {
      const row = changetype<SparseRow>(at);
      at += offsetof<SparseRow>();
      const y = first + row.row;
      const target = to + row.target;
      if (<u32>y < <u32>p.xHeight) {
        copyRow(row, x + <usize>y * p.xRow + (<usize>row.source << 2), lapped ? line : target, stride);
        if (lapped) lap(line, target, lapped);
      } else {
        zeroTo(target, target + (lapped ? <usize>lapped << 6 : <usize>(row.zeros + row.count + row.tail) << 2));
      }
    }
    x += p.xPlane;
    to += p.planeBytes;
  }
}

/** The rows of one channel's results, (then ReLU), to y. */
// @ts-ignore: decorator
@inline
function putRows(p: SparseArguments, from: usize, y: usize, rows: i32): void {
  const width = p.yWidth, rest = width & 3, pitch = p.pitch;
  const rowBytes = <usize>width << 2, wholeBytes = <usize>(width - rest) << 2;
  const slopes = f32x4.splat(p.slope);
  for (let r = 0; r < rows; r++) {
    let at = from;
    const end = y + wholeBytes;
    if (p.relu) {
      for (let to = y; to < end; to += 16) {
        v128.store(to, relu4(v128.load(at), slopes));
        at += 16;
      }
      if (rest) put(end, relu4(v128.load(at), slopes), rest);
    } else {
      for (let to = y; to < end; to += 16) {
        v128.store(to, v128.load(at));
        at += 16;
      }
      if (rest) put(end, v128.load(at), rest);
    }
    y += rowBytes;
    from += pitch;
  }
}

/**
 * A strip's results by lapped tiles in rows, straight to y, where all channels are in one block and ReLU has no slope.
 * What is beyond a row's end is written, too, and then overwritten by the next row.
 */
function convolveRows(
  p: SparseArguments, input: usize, spare: usize, y: usize, starts: usize, bias: usize, rows: i32, height: i32,
): void {
  const width = p.yWidth, lines = p.lapped, tiles = (lines + MOST_LINES - 1) / MOST_LINES;
  const mode = p.relu ? BEGIN | RELU : BEGIN;
  for (let row = 0; row < height; row++) {
    let from = 0;
    for (let t = 1; t <= tiles; t++) {
      const to = (t * lines) / tiles;
      const column = from * 12, values = width - column;
      // The last row's is written beside, for what follows y's rows is done already or another thread's.
      const beside = row == height - 1 && t == tiles && values < (to - from) * 12;
      const base = input + (<usize>(row * lines + from) << 6);
      let out = y + (<usize>(row * width + column) << 2), list = load<usize>(starts);
      for (let r: usize = 0; r < <usize>rows; r++) {
        const end = load<usize>(starts + (r << 2), 4);
        lappedTile(to - from, list, end, base, beside ? spare : out, mode, bias ? load<f32>(bias + (r << 2)) : 0);
        if (beside) memory.copy(out, spare, <usize>values << 2);
        list = end;
        out += p.yPlane;
      }
      from = to;
    }
  }
}

/** y = x ∗ w (+ bias) (then ReLU) over two spatial axes. Items: (group, image, strip, share of the output channels). */
export function sparseConvolve(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<SparseArguments>(args);
  const line = threadWorkspace(thread), input = line + p.rowBytes, results = input + p.inputBytes;
  const m = p.m, resultBytes = p.resultBytes, lapped = p.lapped != 0;
  // Units of a tile: lapped lines or vectors.
  const most = lapped ? MOST_LINES : MOST, unitBytes: usize = lapped ? 64 : 16, unitResults: usize = lapped ? 48 : 16;
  for (let item = begin; item < end; item++) {
    const part = item % p.parts;
    let rest = item / p.parts;
    const strip = rest % p.strips;
    rest /= p.strips;
    const n = rest % p.batch, g = rest / p.batch;
    let x = p.x + <usize>n * p.xImage + <usize>g * p.xGroup;
    const firstRow = (part * m) / p.parts, rows = ((part + 1) * m) / p.parts - firstRow;
    const bias = p.bias ? p.bias + (<usize>(g * m + firstRow) << 2) : 0;
    const height = min(p.stripRows, p.yHeight - strip * p.stripRows);
    const vectors = (<i32>((<usize>(height - 1) * p.pitch) >> 2) + p.yWidth + 3) >> 2;
    const units = lapped ? (vectors + 2) / 3 : vectors;
    const tiles = (units + most - 1) / most;
    const y = p.y + <usize>n * p.yImage + <usize>g * p.yGroup + <usize>firstRow * p.yPlane +
      (<usize>(strip * p.stripRows * p.yWidth) << 2);
    for (let b = 0; b < p.blocks; b++) {
      const channels = min(p.blockChannels, p.channels - b * p.blockChannels);
      copyChannels(p, x, channels, strip, line, input);
      x += <usize>channels * p.xPlane;
      const starts = p.starts + (<usize>((g * p.blocks + b) * m + firstRow) << 2);
      const mode = b == 0 ? BEGIN : 0;
      if (p.direct) {
        convolveRows(p, input, results, y, starts, bias, rows, height);
        continue;
      }
      let from = 0;
      for (let t = 1; t <= tiles; t++) {
        const to = (t * units) / tiles;
        const size = lapped ? to - from : max(LEAST, to - from);
        const base = input + <usize>from * unitBytes;
        let out = results + <usize>from * unitResults, list = load<usize>(starts);
        for (let r: usize = 0; r < <usize>rows; r++) {
          const end = load<usize>(starts + (r << 2), 4);
          const first = bias ? load<f32>(bias + (r << 2)) : 0;
          if (lapped) lappedTile(size, list, end, base, out, mode, first);
          else sparseTile(size, list, end, base, out, mode, first);
          list = end;
          out += resultBytes;
        }
        from = to;
      }
    }
    if (p.direct) continue;
    for (let r = 0; r < rows; r++) putRows(p, results + <usize>r * resultBytes, y + <usize>r * p.yPlane, height);
  }
}
