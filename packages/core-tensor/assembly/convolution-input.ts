// A convolution reads its input from a local copy of a strip of a few channels: padding is there as zeros, and with a
// stride along the last axis each row is split by phase (positions 0, s, 2s, … then 1, s+1, …), so that neighbouring
// outputs always read neighbouring values. src/cpu/convolution-plan.ts makes the tables.

/** What all convolution kernels are given. Strides and offsets are bytes. */
@unmanaged
export class ConvolutionArguments {
  /** Source of the local copies, N × groups × channels × outer × …; and the other operand or result, alike. */
  x: usize;
  y: usize;
  /** Packed weights (or their gradients): [group][channel block][panel][channel, tap][row]. */
  weights: usize;
  bias: usize;
  /** Tables: rows to copy, segments of a row, offset a (channel, tap), vectors of four outputs. */
  rows: usize;
  segments: usize;
  offsets: usize;
  vectors: usize;
  batch: i32;
  strips: i32;
  /** Shares of a strip's rows of output channels that are items of their own. */
  parts: i32;
  channels: i32;
  blockChannels: i32;
  taps: i32;
  /** Output channels a group, and panels that hold them. */
  m: i32;
  panels: i32;
  xImage: usize;
  xGroup: usize;
  xPlane: usize;
  yImage: usize;
  yGroup: usize;
  yPlane: usize;
  /** The strip axis: its length in x, what a step along it is, the first position (≤ 0 with padding), steps a strip. */
  outer: i32;
  outerBytes: usize;
  firstOuter: i32;
  stripOuter: i32;
  yStrip: usize;
  rowCount: i32;
  lastRowCount: i32;
  segmentCount: i32;
  stride: i32;
  rowBytes: usize;
  planeBytes: usize;
  vectorCount: i32;
  lastVectorCount: i32;
  /** From the vectors' bases to their places in y, and again to their lane counts. */
  vectorBytes: usize;
  laneStride: usize;
  /** 1 where every vector has four lanes in use and the result's lanes are neighbours. */
  wholeVectors: i32;
  relu: i32;
  slope: f32;
  // For gradients of weights only.
  chunks: i32;
  chunkUnits: i32;
  chunkBytes: usize;
  unitsAtOnce: i32;
  blockPanels: i32;
}

@unmanaged
class RowEntry {
  target: usize;
  outer: i32;
  /** −1: padding on an inner axis. */
  inner: i32;
}

@unmanaged
class Segment {
  target: usize;
  zeros: i32;
  source: i32;
  count: i32;
  tail: i32;
}

// @ts-ignore: decorator
@inline
function zeroFill(to: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    v128.store(to, f32x4.splat(0));
    to += 16;
  }
}

/** Writes up to three values more than the segment is long; what comes next overwrites them. */
// @ts-ignore: decorator
@inline
function copySegment(s: Segment, source: usize, target: usize, stride: i32): void {
  let to = target + s.target;
  let from = source + (<isize>s.source << 2);
  if (s.zeros > 0) {
    zeroFill(to, s.zeros);
    to += <usize>s.zeros << 2;
  }
  const end = to + (<usize>s.count << 2);
  if (stride == 2) {
    for (; to < end; to += 16) {
      v128.store(to, v128.shuffle<f32>(v128.load(from), v128.load(from, 16), 0, 2, 4, 6));
      from += 32;
    }
  } else {
    const step = <usize>stride << 2;
    for (; to < end; to += 4) {
      store<f32>(to, load<f32>(from));
      from += step;
    }
  }
  zeroFill(end, s.tail);
}

/** `copyStrip` where the step along the last axis is 1: a row is zeros, the source's row, zeros. */
function copyPlain(p: ConvolutionArguments, source: usize, channels: i32, outer0: i32, rowCount: i32, target: usize): void {
  const segment = changetype<Segment>(p.segments);
  const zeros = segment.zeros, tail = segment.tail;
  const skip = <isize>segment.source << 2, lead = <usize>zeros << 2, bytes = <usize>segment.count << 2;
  const outer = p.outer, outerBytes = p.outerBytes, rows = p.rows, length = <i32>(p.rowBytes >> 2);
  const none = f32x4.splat(0);
  for (let c = 0; c < channels; c++) {
    let row = rows;
    for (let r = rowCount; r > 0; r--) {
      const entry = changetype<RowEntry>(row);
      row += 12;
      const at = outer0 + entry.outer;
      let to = target + entry.target;
      if (<u32>at >= <u32>outer || entry.inner < 0) {
        zeroFill(to, length);
        continue;
      }
      let from = source + <usize>at * outerBytes + <usize>entry.inner + skip;
      if (zeros > 0) {
        v128.store(to, none);
        if (zeros > 4) zeroFill(to, zeros);
        to += lead;
      }
      const end = to + bytes;
      for (; to < end; to += 16) {
        v128.store(to, v128.load(from));
        from += 16;
      }
      if (tail > 0) {
        v128.store(end, none);
        if (tail > 4) zeroFill(end, tail);
      }
    }
    source += p.xPlane;
    target += p.planeBytes;
  }
}

/** Copies `channels` planes from `source` (the first channel's plane) for a strip. */
export function copyStrip(p: ConvolutionArguments, source: usize, channels: i32, strip: i32, target: usize): void {
  const last = strip == p.strips - 1;
  const rowCount = last ? p.lastRowCount : p.rowCount;
  const outer0 = strip * p.stripOuter + p.firstOuter;
  const outer = p.outer, stride = p.stride, segmentCount = p.segmentCount;
  if (stride == 1) {
    copyPlain(p, source, channels, outer0, rowCount, target);
    return;
  }
  for (let c = 0; c < channels; c++) {
    let row = p.rows;
    for (let r = 0; r < rowCount; r++) {
      const entry = changetype<RowEntry>(row);
      const at = outer0 + entry.outer;
      const to = target + entry.target;
      if (<u32>at < <u32>outer && entry.inner >= 0) {
        const from = source + <usize>at * p.outerBytes + <usize>entry.inner;
        let segment = p.segments;
        for (let s = 0; s < segmentCount; s++) {
          copySegment(changetype<Segment>(segment), from, to, stride);
          segment += 20;
        }
      } else {
        zeroFill(to, <i32>(p.rowBytes >> 2));
      }
      row += 12;
    }
    source += p.xPlane;
    target += p.planeBytes;
  }
}
