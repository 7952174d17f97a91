// What batch norm does with one row: one image's pixels of a unit of channels (see batch-norm-units.ts).
import { addEight, coefficientsOf, PLACE, Place, partialOf, pixelOf, settleRow, UnitArguments } from './batch-norm-units';
import { madd } from './math';
import { above, relu4, reluSlope4 } from './vector';

/** Pixels that all 16 channels are done of before the next: they stay in the nearest caches. */
const CHUNK: i32 = 256;
/** Pixels whose mean is the shift of a row. */
const SAMPLE: i32 = 16;

// @ts-ignore: decorator
@inline
export function xOf(args: usize): Place {
  return changetype<Place>(args);
}

// @ts-ignore: decorator
@inline
export function yOf(args: usize): Place {
  return changetype<Place>(args + PLACE);
}

// @ts-ignore: decorator
@inline
export function dyOf(args: usize): Place {
  return changetype<Place>(args + 2 * PLACE);
}

// @ts-ignore: decorator
@inline
export function dxOf(args: usize): Place {
  return changetype<Place>(args + 3 * PLACE);
}

/** Mean and sum of squared differences, summed over x − shift so that no variance is lost where means are large. */
export function sumRow(args: usize, a: UnitArguments, unit: i32, n: i32): void {
  const x = xOf(args);
  const pixel = x.pixel;
  const plane = a.plane;
  const partial = partialOf(a, unit, n);
  memory.fill(partial, 0, 256);
  let low = pixelOf(x, unit, n, 0, 0);
  let high = pixelOf(x, unit, n, 2, 0);
  const sample = min(plane, SAMPLE);
  const m0 = meanOf(low, pixel, sample);
  const m1 = meanOf(low + 16, pixel, sample);
  const m2 = meanOf(high, pixel, sample);
  const m3 = meanOf(high + 16, pixel, sample);
  for (let start = 0; start < plane; start += CHUNK) {
    const stop = min(start + CHUNK, plane);
    let s0 = f32x4.splat(0);
    let s1 = s0;
    let s2 = s0;
    let s3 = s0;
    let q0 = s0;
    let q1 = s0;
    let q2 = s0;
    let q3 = s0;
    for (let i = start; i < stop; i++, low += pixel, high += pixel) {
      const u0 = f32x4.sub(v128.load(low), m0);
      const u1 = f32x4.sub(v128.load(low, 16), m1);
      const u2 = f32x4.sub(v128.load(high), m2);
      const u3 = f32x4.sub(v128.load(high, 16), m3);
      s0 = f32x4.add(s0, u0);
      s1 = f32x4.add(s1, u1);
      s2 = f32x4.add(s2, u2);
      s3 = f32x4.add(s3, u3);
      q0 = madd(u0, u0, q0);
      q1 = madd(u1, u1, q1);
      q2 = madd(u2, u2, q2);
      q3 = madd(u3, u3, q3);
    }
    addEight(partial, s0, s1);
    addEight(partial + 64, s2, s3);
    addEight(partial + 128, q0, q1);
    addEight(partial + 192, q2, q3);
  }
  settleRow(partial, 0, m0, plane);
  settleRow(partial, 1, m1, plane);
  settleRow(partial, 2, m2, plane);
  settleRow(partial, 3, m3, plane);
}

function meanOf(at: usize, pixel: usize, count: i32): v128 {
  let sum = f32x4.splat(0);
  for (let i = 0; i < count; i++, at += pixel) sum = f32x4.add(sum, v128.load(at));
  return f32x4.mul(sum, f32x4.splat(<f32>1 / <f32>count));
}

/** y = (x − mean)·factor + bias. relu: 0 none, 1 without slope, 2 with one. */
// @ts-ignore: decorator
@inline
export function normaliseRow(relu: i32, args: usize, a: UnitArguments, unit: i32, n: i32): void {
  const slopes = f32x4.splat(a.slope);
  const zero = f32x4.splat(0);
  const from = xOf(args).pixel;
  const to = yOf(args).pixel;
  for (let start = 0; start < a.plane; start += CHUNK) {
    const count = min(CHUNK, a.plane - start);
    for (let part = 0; part < 4; part += 2) {
      const coefficients = coefficientsOf(a, unit) + (<usize>part << 4);
      const m0 = v128.load(coefficients);
      const m1 = v128.load(coefficients, 16);
      const f0 = v128.load(coefficients, 64);
      const f1 = v128.load(coefficients, 80);
      const b0 = v128.load(coefficients, 128);
      const b1 = v128.load(coefficients, 144);
      let source = pixelOf(xOf(args), unit, n, part, start);
      let target = pixelOf(yOf(args), unit, n, part, start);
      for (let i = 0; i < count; i++, source += from, target += to) {
        let u = madd(f32x4.sub(v128.load(source), m0), f0, b0);
        let v = madd(f32x4.sub(v128.load(source, 16), m1), f1, b1);
        if (relu == 1) {
          u = above(u, zero);
          v = above(v, zero);
        } else if (relu == 2) {
          u = relu4(u, slopes);
          v = relu4(v, slopes);
        }
        v128.store(target, u);
        v128.store(target, v, 16);
      }
    }
  }
}

/** Σ g and Σ g·(x − mean), g being dy before the activation. */
// @ts-ignore: decorator
@inline
export function sumGradientRow(relu: bool, args: usize, a: UnitArguments, unit: i32, n: i32): void {
  const slopes = f32x4.splat(a.slope);
  const valuesPixel = xOf(args).pixel;
  const gradientsPixel = dyOf(args).pixel;
  const resultsPixel = yOf(args).pixel;
  const partial = partialOf(a, unit, n);
  memory.fill(partial, 0, 256);
  for (let start = 0; start < a.plane; start += CHUNK) {
    const count = min(CHUNK, a.plane - start);
    for (let part = 0; part < 4; part += 2) {
      const m0 = channels4(a, unit, part);
      const m1 = channels4(a, unit, part + 1);
      let values = pixelOf(xOf(args), unit, n, part, start);
      let gradients = pixelOf(dyOf(args), unit, n, part, start);
      let results = relu ? pixelOf(yOf(args), unit, n, part, start) : 0;
      let s0 = f32x4.splat(0);
      let s1 = s0;
      let p0 = s0;
      let p1 = s0;
      for (let i = 0; i < count; i++) {
        let u = v128.load(gradients);
        let v = v128.load(gradients, 16);
        if (relu) {
          u = f32x4.mul(u, reluSlope4(v128.load(results), slopes));
          v = f32x4.mul(v, reluSlope4(v128.load(results, 16), slopes));
          results += resultsPixel;
        }
        s0 = f32x4.add(s0, u);
        s1 = f32x4.add(s1, v);
        p0 = madd(u, f32x4.sub(v128.load(values), m0), p0);
        p1 = madd(v, f32x4.sub(v128.load(values, 16), m1), p1);
        values += valuesPixel;
        gradients += gradientsPixel;
      }
      addEight(partial + (<usize>part << 5), s0, s1);
      addEight(partial + 128 + (<usize>part << 5), p0, p1);
    }
  }
}

/** Means of four channels, 0 beyond the last. */
function channels4(a: UnitArguments, unit: i32, part: i32): v128 {
  const first = unit * 16 + part * 4;
  let means = f32x4.splat(0);
  const at = a.mean + (<usize>first << 2);
  if (first < a.channels) means = f32x4.replace_lane(means, 0, load<f32>(at));
  if (first + 1 < a.channels) means = f32x4.replace_lane(means, 1, load<f32>(at, 4));
  if (first + 2 < a.channels) means = f32x4.replace_lane(means, 2, load<f32>(at, 8));
  if (first + 3 < a.channels) means = f32x4.replace_lane(means, 3, load<f32>(at, 12));
  return means;
}

/** dx = factor·(g − mean of g − (x − mean)·lean). */
// @ts-ignore: decorator
@inline
export function gradientRow(relu: bool, args: usize, a: UnitArguments, unit: i32, n: i32): void {
  const slopes = f32x4.splat(a.slope);
  const valuesPixel = xOf(args).pixel;
  const gradientsPixel = dyOf(args).pixel;
  const resultsPixel = yOf(args).pixel;
  const targetPixel = dxOf(args).pixel;
  for (let start = 0; start < a.plane; start += CHUNK) {
    const count = min(CHUNK, a.plane - start);
    for (let part = 0; part < 4; part += 2) {
      const coefficients = coefficientsOf(a, unit) + (<usize>part << 4);
      const m0 = v128.load(coefficients);
      const m1 = v128.load(coefficients, 16);
      const f0 = v128.load(coefficients, 64);
      const f1 = v128.load(coefficients, 80);
      const g0 = v128.load(coefficients, 192);
      const g1 = v128.load(coefficients, 208);
      const l0 = v128.load(coefficients, 256);
      const l1 = v128.load(coefficients, 272);
      let values = pixelOf(xOf(args), unit, n, part, start);
      let gradients = pixelOf(dyOf(args), unit, n, part, start);
      let target = pixelOf(dxOf(args), unit, n, part, start);
      let results = relu ? pixelOf(yOf(args), unit, n, part, start) : 0;
      for (let i = 0; i < count; i++) {
        let u = v128.load(gradients);
        let v = v128.load(gradients, 16);
        if (relu) {
          u = f32x4.mul(u, reluSlope4(v128.load(results), slopes));
          v = f32x4.mul(v, reluSlope4(v128.load(results, 16), slopes));
          results += resultsPixel;
        }
        u = f32x4.sub(f32x4.sub(u, g0), f32x4.mul(f32x4.sub(v128.load(values), m0), l0));
        v = f32x4.sub(f32x4.sub(v, g1), f32x4.mul(f32x4.sub(v128.load(values, 16), m1), l1));
        v128.store(target, f32x4.mul(f0, u));
        v128.store(target, f32x4.mul(f1, v), 16);
        values += valuesPixel;
        gradients += gradientsPixel;
        target += targetPixel;
      }
    }
  }
}

/** dx = g·factor. */
export function globalGradientRow(args: usize, a: UnitArguments, unit: i32, n: i32): void {
  const slopes = f32x4.splat(a.slope);
  for (let part = 0; part < 4; part++) {
    const factor = v128.load(coefficientsOf(a, unit) + (<usize>part << 4), 64);
    let gradients = pixelOf(dyOf(args), unit, n, part, 0);
    let target = pixelOf(dxOf(args), unit, n, part, 0);
    let results = a.relu ? pixelOf(yOf(args), unit, n, part, 0) : 0;
    for (let i = 0; i < a.plane; i++) {
      let g = v128.load(gradients);
      if (a.relu) g = f32x4.mul(g, reluSlope4(v128.load(results), slopes));
      v128.store(target, f32x4.mul(g, factor));
      gradients += dyOf(args).pixel;
      target += dxOf(args).pixel;
      results += yOf(args).pixel;
    }
  }
}
