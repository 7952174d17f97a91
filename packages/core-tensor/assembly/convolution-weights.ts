import { threadWorkspace } from './control';
import { ConvolutionArguments, copyStrip } from './convolution-input';
import { madd } from './math';

// The gradient of a weight is a scalar product along output positions, so sums run along vectors of four positions,
// and four lanes are added up at the end.

/** The four sums of four vectors' lanes. */
// @ts-ignore: decorator
@inline
function laneSums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 1, 5), v128.shuffle<f32>(a, b, 2, 6, 3, 7));
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 1, 5), v128.shuffle<f32>(c, d, 2, 6, 3, 7));
  return f32x4.add(v128.shuffle<f64>(ab, cd, 0, 2), v128.shuffle<f64>(ab, cd, 1, 3));
}

/** Gradients of 4 output channels × 2 (channel, tap) pairs over `units` images or strips of `count` vectors. */
// @ts-ignore: decorator
@inline
function gradientTile(
  dy: usize, x0: usize, x1: usize, bases: usize, count: i32, units: i32, unitBytes: usize,
  to: usize, second: bool, add: bool,
): void {
  let c00 = f32x4.splat(0), c01 = c00, c10 = c00, c11 = c00;
  let c20 = c00, c21 = c00, c30 = c00, c31 = c00;
  for (; units > 0; units--) {
    let base = bases;
    let left = count;
    do {
      const at = load<usize>(base);
      const b0 = v128.load(x0 + at), b1 = v128.load(x1 + at);
      const a0 = v128.load(dy);
      c00 = madd(a0, b0, c00);
      c01 = madd(a0, b1, c01);
      const a1 = v128.load(dy, 16);
      c10 = madd(a1, b0, c10);
      c11 = madd(a1, b1, c11);
      const a2 = v128.load(dy, 32);
      c20 = madd(a2, b0, c20);
      c21 = madd(a2, b1, c21);
      const a3 = v128.load(dy, 48);
      c30 = madd(a3, b0, c30);
      c31 = madd(a3, b1, c31);
      dy += 64;
      base += 4;
    } while (--left);
    x0 += unitBytes;
    x1 += unitBytes;
  }
  let s0 = laneSums(c00, c10, c20, c30);
  if (add) s0 = f32x4.add(s0, v128.load(to));
  v128.store(to, s0);
  if (second) {
    let s1 = laneSums(c01, c11, c21, c31);
    if (add) s1 = f32x4.add(s1, v128.load(to, 16));
    v128.store(to, s1, 16);
  }
}

/** Packs dy of a unit for `rows` output channels as [vector][row][4]; missing rows and lanes are zero. */
// @ts-ignore: decorator
@inline
function packGradient(p: ConvolutionArguments, dy: usize, rows: i32, width: i32, count: i32, to: usize): void {
  let entry = p.vectors + p.vectorBytes;
  const yPlane = p.yPlane;
  for (let v = 0; v < count; v++) {
    let from = dy + load<usize>(entry);
    const lanes = load<i32>(entry + p.vectorBytes);
    for (let r = 0; r < width; r++) {
      if (r >= rows) v128.store(to, f32x4.splat(0));
      else if (lanes == 4) v128.store(to, v128.load(from));
      else {
        v128.store(to, f32x4.splat(0));
        for (let l = 0; l < lanes; l++) store<f32>(to + (<usize>l << 2), load<f32>(from + (<usize>l << 2)));
      }
      from += yPlane;
      to += 16;
    }
    entry += 4;
  }
}

/**
 * Partial gradients of weights, packed. Items: (chunk of the batch, group, channel block, block of panels), the last
 * fastest. A chunk is `chunkUnits` units (image, strip); the chunks never depend on the number of threads.
 */
export function weightGradients(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<ConvolutionArguments>(args);
  const input = threadWorkspace(thread);
  const taps = p.taps, panels = p.panels, bases = p.vectors, offsets = p.offsets;
  const unitBytes = <usize>p.blockChannels * p.planeBytes;
  const gradient = input + <usize>p.unitsAtOnce * unitBytes + 64;
  const channelBlocks = (p.channels + p.blockChannels - 1) / p.blockChannels;
  const panelBlocks = (panels + p.blockPanels - 1) / p.blockPanels;
  const groups = <i32>(p.xImage / p.xGroup);
  const units = p.batch * p.strips;
  for (let item = begin; item < end; item++) {
    const firstPanel = (item % panelBlocks) * p.blockPanels;
    const endPanel = min(firstPanel + p.blockPanels, panels);
    let rest = item / panelBlocks;
    const c0 = (rest % channelBlocks) * p.blockChannels;
    rest /= channelBlocks;
    const g = rest % groups, chunk = rest / groups;
    const channels = min(p.blockChannels, p.channels - c0);
    const depth = channels * taps;
    const endUnit = min((chunk + 1) * p.chunkUnits, units);
    const target =
      p.weights + <usize>chunk * p.chunkBytes + (<usize>(g * panels) * <usize>(p.channels * taps) << 4) +
      (<usize>panels * <usize>(c0 * taps) << 4);
    const firstUnit = chunk * p.chunkUnits;
    for (let unit = firstUnit; unit < endUnit; unit += p.unitsAtOnce) {
      const some = min(p.unitsAtOnce, endUnit - unit);
      let count = p.vectorCount;
      for (let i = 0; i < some; i++) {
        const n = (unit + i) / p.strips, strip = (unit + i) % p.strips;
        // Several units at once only where an image is one strip: then all have the same count.
        if (strip == p.strips - 1) count = p.lastVectorCount;
        copyStrip(
          p, p.x + <usize>n * p.xImage + <usize>g * p.xGroup + <usize>c0 * p.xPlane, channels, strip,
          input + <usize>i * unitBytes,
        );
        const dy = p.y + <usize>n * p.yImage + <usize>g * p.yGroup + <usize>strip * p.yStrip;
        for (let panel = firstPanel; panel < endPanel; panel++) {
          const to = gradient + (<usize>(((panel - firstPanel) * p.unitsAtOnce + i) * p.vectorCount) << 6);
          packGradient(p, dy + <usize>(panel << 2) * p.yPlane, min(4, p.m - (panel << 2)), 4, count, to);
        }
      }
      for (let panel = firstPanel; panel < endPanel; panel++) {
        const dy = gradient + (<usize>((panel - firstPanel) * p.unitsAtOnce * p.vectorCount) << 6);
        const to = target + (<usize>panel * <usize>depth << 4);
        for (let k = 0; k < depth; k += 2) {
          const offset = offsets + (<usize>k << 2);
          const second = k + 1 < depth;
          gradientTile(
            dy, input + load<usize>(offset), input + load<usize>(second ? offset + 4 : offset),
            bases, count, some, unitBytes, to + (<usize>k << 4), second, unit > firstUnit,
          );
        }
      }
    }
  }
}

/** Gradients of five taps of a single row. */
// @ts-ignore: decorator
@inline
function gradientRow(
  dy: usize, x: usize, offsets: usize, bases: usize, count: i32, to: usize, taps: i32, add: bool,
): void {
  const x0 = x + load<usize>(offsets);
  const x1 = x + load<usize>(offsets + (taps > 1 ? 4 : 0)), x2 = x + load<usize>(offsets + (taps > 2 ? 8 : 0));
  const x3 = x + load<usize>(offsets + (taps > 3 ? 12 : 0)), x4 = x + load<usize>(offsets + (taps > 4 ? 16 : 0));
  let c0 = f32x4.splat(0), c1 = c0, c2 = c0, c3 = c0, c4 = c0;
  do {
    const at = load<usize>(bases), d = v128.load(dy);
    c0 = madd(d, v128.load(x0 + at), c0);
    c1 = madd(d, v128.load(x1 + at), c1);
    c2 = madd(d, v128.load(x2 + at), c2);
    c3 = madd(d, v128.load(x3 + at), c3);
    c4 = madd(d, v128.load(x4 + at), c4);
    dy += 16;
    bases += 4;
  } while (--count);
  const s = laneSums(c0, c1, c2, c3), s4 = laneSums(c4, c4, c4, c4);
  for (let t = 0; t < taps; t++) {
    const sum =
      t == 0 ? f32x4.extract_lane(s, 0) : t == 1 ? f32x4.extract_lane(s, 1) : t == 2 ? f32x4.extract_lane(s, 2)
      : t == 3 ? f32x4.extract_lane(s, 3) : f32x4.extract_lane(s4, 0);
    store<f32>(to, add ? load<f32>(to) + sum : sum);
    to += 4;
  }
}

/** `weightGradients` where a group has one output channel: panels of one row. Items: (chunk, group, channel block). */
export function weightGradientsSingle(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<ConvolutionArguments>(args);
  const input = threadWorkspace(thread);
  const gradient = input + <usize>p.blockChannels * p.planeBytes + 64;
  const channelBlocks = (p.channels + p.blockChannels - 1) / p.blockChannels;
  const groups = <i32>(p.xImage / p.xGroup);
  const units = p.batch * p.strips;
  for (let item = begin; item < end; item++) {
    const c0 = (item % channelBlocks) * p.blockChannels;
    const rest = item / channelBlocks;
    const g = rest % groups, chunk = rest / groups;
    const channels = min(p.blockChannels, p.channels - c0);
    const depth = channels * p.taps;
    const target = p.weights + <usize>chunk * p.chunkBytes + (<usize>((g * p.channels + c0) * p.taps) << 2);
    const firstUnit = chunk * p.chunkUnits, endUnit = min(firstUnit + p.chunkUnits, units);
    for (let unit = firstUnit; unit < endUnit; unit++) {
      const n = unit / p.strips, strip = unit % p.strips;
      const count = strip == p.strips - 1 ? p.lastVectorCount : p.vectorCount;
      const x = p.x + <usize>n * p.xImage + <usize>g * p.xGroup + <usize>c0 * p.xPlane;
      copyStrip(p, x, channels, strip, input);
      const dy = p.y + <usize>n * p.yImage + <usize>g * p.yGroup + <usize>strip * p.yStrip;
      packGradient(p, dy, 1, 1, count, gradient);
      for (let k = 0; k < depth; k += 5) {
        const at = <usize>k << 2;
        gradientRow(gradient, input, p.offsets + at, p.vectors, count, target + at, min(5, depth - k), unit > firstUnit);
      }
    }
  }
}
