import { threadWorkspace } from './control';
import { ConvolutionArguments, copyStrip } from './convolution-input';
import { ADD, offsetRow, offsetTile, RELU } from './tile';

// Panels whose weights stay in the second cache while a strip is done.
const PANELS_AT_ONCE = 32;

/** Stores `lanes` sums of a row, adding to y, rectifying, and stepping by `laneStride`. */
// @ts-ignore: decorator
@inline
function scatter(tile: usize, y: usize, lanes: i32, laneStride: usize, flags: i32, slope: f32): void {
  if (flags == 0 && lanes == 4) {
    const values = v128.load(tile);
    v128.store_lane<f32>(y, values, 0);
    v128.store_lane<f32>(y + laneStride, values, 1);
    v128.store_lane<f32>(y + 2 * laneStride, values, 2);
    v128.store_lane<f32>(y + 3 * laneStride, values, 3);
    return;
  }
  for (let l = 0; l < lanes; l++) {
    let value = load<f32>(tile + (<usize>l << 2));
    if (flags & ADD) value += load<f32>(y);
    if (flags & RELU) value = max<f32>(value, 0) + slope * min<f32>(value, 0);
    store<f32>(y, value);
    y += laneStride;
  }
}

/**
 * Cross-correlation y = x ∗ w (+ bias) (then ReLU), forward or, with weights turned round, the gradient of x.
 * Items: (group, image, strip, share of the output channels), the last fastest.
 */
export function convolve(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<ConvolutionArguments>(args);
  const tile = threadWorkspace(thread), input = tile + 128;
  const panels = p.panels, taps = p.taps, vectors = p.vectors, vectorBytes = p.vectorBytes;
  const laneStride = p.laneStride, yPlane = p.yPlane, offsets = p.offsets, m = p.m;
  for (let item = begin; item < end; item++) {
    const part = item % p.parts;
    let rest = item / p.parts;
    const strip = rest % p.strips;
    rest /= p.strips;
    const n = rest % p.batch, g = rest / p.batch;
    const x = p.x + <usize>n * p.xImage + <usize>g * p.xGroup;
    const y = p.y + <usize>n * p.yImage + <usize>g * p.yGroup + <usize>strip * p.yStrip;
    const bias = p.bias ? p.bias + (<usize>(g * m) << 2) : 0;
    const count = strip == p.strips - 1 ? p.lastVectorCount : p.vectorCount;
    const firstPanel = (part * panels) / p.parts, endPanel = ((part + 1) * panels) / p.parts;
    let weights = p.weights + (<usize>g * <usize>panels * <usize>(p.channels * taps) << 4);
    for (let c = 0; c < p.channels; c += p.blockChannels) {
      const channels = min(p.blockChannels, p.channels - c);
      const depth = channels * taps;
      const panelBytes = <usize>depth << 4;
      copyStrip(p, x + <usize>c * p.xPlane, channels, strip, input);
      const isLast = c + channels == p.channels;
      const flags = (c > 0 ? ADD : 0) | (isLast && p.relu ? RELU : 0);
      for (let chunk = firstPanel; chunk < endPanel; chunk += PANELS_AT_ONCE) {
        const chunkEnd = min(chunk + PANELS_AT_ONCE, endPanel);
        for (let v = 0; v < count; v += 2) {
          const entry = vectors + (<usize>v << 2);
          const base0 = input + load<usize>(entry), base1 = input + load<usize>(entry, 4);
          const places = entry + vectorBytes, lanes = places + vectorBytes;
          const y0 = y + load<usize>(places), y1 = y + load<usize>(places, 4);
          // The last strip is shorter than the table: where its count is odd, the vector after it lies outside y.
          const lanes0 = load<i32>(lanes), lanes1 = v + 1 < count ? load<i32>(lanes, 4) : 0;
          const full = lanes0 == 4 && lanes1 == 4 && laneStride == 4;
          for (let panel = chunk; panel < chunkEnd; panel++) {
            const row = panel << 2;
            const at = <usize>row * yPlane;
            const whole = full && row + 4 <= m;
            offsetTile(
              weights + <usize>panel * panelBytes, base0, base1, offsets, depth,
              whole ? y0 + at : tile, whole ? y1 + at : tile + 16, whole ? yPlane : 32,
              bias && c == 0 ? bias + (<usize>row << 2) : 0, whole ? flags : 0, p.slope,
            );
            if (whole) continue;
            const rows = min(4, m - row);
            for (let r = 0; r < rows; r++) {
              const to = at + <usize>r * yPlane, from = tile + (<usize>r << 5);
              scatter(from, y0 + to, lanes0, laneStride, flags, p.slope);
              scatter(from + 16, y1 + to, lanes1, laneStride, flags, p.slope);
            }
          }
        }
      }
      weights += <usize>panels * panelBytes;
    }
  }
}

/** `convolve` where a group has one output channel (depthwise): panels of one row. Items: (group, image, strip). */
export function convolveSingle(args: usize, begin: i32, end: i32, thread: i32): void {
  const p = changetype<ConvolutionArguments>(args);
  const tile = threadWorkspace(thread), input = tile + 128;
  const taps = p.taps, vectorBytes = p.vectorBytes, laneStride = p.laneStride;
  for (let item = begin; item < end; item++) {
    const strip = item % p.strips;
    const rest = item / p.strips;
    const n = rest % p.batch, g = rest / p.batch;
    const x = p.x + <usize>n * p.xImage + <usize>g * p.xGroup;
    const y = p.y + <usize>n * p.yImage + <usize>g * p.yGroup + <usize>strip * p.yStrip;
    const bias = p.bias ? p.bias + (<usize>g << 2) : 0;
    const count = strip == p.strips - 1 ? p.lastVectorCount : p.vectorCount;
    let weights = p.weights + (<usize>(g * p.channels * taps) << 2);
    for (let c = 0; c < p.channels; c += p.blockChannels) {
      const channels = min(p.blockChannels, p.channels - c);
      copyStrip(p, x + <usize>c * p.xPlane, channels, strip, input);
      const flags = (c > 0 ? ADD : 0) | (c + channels == p.channels && p.relu ? RELU : 0);
      // All lanes of all vectors in use, and one pass: results go where they belong (vectors may overlap).
      const direct = p.wholeVectors && flags != ADD && flags != (ADD | RELU);
      for (let v = 0; v < count; v += 4) {
        const entry = p.vectors + (<usize>v << 2), places = entry + vectorBytes;
        // The last ones of a shorter last strip repeat the tile's first vector.
        const some = min(4, count - v);
        const i1: usize = some > 1 ? 4 : 0, i2: usize = some > 2 ? 8 : 0, i3: usize = some > 3 ? 12 : 0;
        offsetRow(
          weights,
          input + load<usize>(entry), input + load<usize>(entry + i1),
          input + load<usize>(entry + i2), input + load<usize>(entry + i3),
          p.offsets, channels * taps,
          direct ? y + load<usize>(places) : tile, direct ? y + load<usize>(places + i1) : tile + 16,
          direct ? y + load<usize>(places + i2) : tile + 32, direct ? y + load<usize>(places + i3) : tile + 48,
          c == 0 ? bias : 0, direct ? flags : 0, p.slope,
        );
        if (direct) continue;
        for (let i = 0; i < some; i++) {
          const at = places + (<usize>i << 2);
          scatter(tile + (<usize>i << 4), y + load<usize>(at), load<i32>(at + vectorBytes), laneStride, flags, p.slope);
        }
      }
      weights += <usize>(channels * taps) << 2;
    }
  }
}
