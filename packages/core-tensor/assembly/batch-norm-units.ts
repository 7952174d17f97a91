// Batch norm of values whose channels lie in blocks of 16 or 8, as oneDNN has them: where units of 16 channels lie, what
// is summed over their rows, and statistics and coefficients from these. A row is a unit of one image.
// Shared workspace: of each row 16 and 16 f64 (means and squared differences, or sums of gradients and of products), unit
// by unit; then of each unit five times 16 f32: mean, factor, bias, mean of dy, lean of dy on x.
import { sharedWorkspace } from './control';

/** An array of channels in blocks; distances in bytes. A unit is one block of 16 channels, or two of 8. */
@unmanaged
export class Place {
  at: usize; // 0: none
  image: usize;
  pixel: usize;
  /** From a unit's first 8 channels to its last. */
  half: usize;
  unit: usize;
  /** From a group of units to the next. */
  group: usize;
  unitsOfGroup: i32;
}

/** Arguments of all kernels: places of x, y, dy and dx, then these. */
@unmanaged
export class UnitArguments {
  mean: usize; // 0: none, as all below
  invStd: usize;
  variance: usize;
  scale: usize;
  bias: usize;
  runningMean: usize;
  runningVariance: usize;
  dScale: usize;
  dBias: usize;
  batch: i32;
  channels: i32;
  plane: i32;
  relu: i32;
  accumulate: i32;
  slope: f32;
  eps: f32;
  keep: f32;
  add: f32;
  addVariance: f32;
  statisticsFactor: f32;
}

export const PLACE: usize = 28;

// @ts-ignore: decorator
@inline
export function unitArguments(args: usize): UnitArguments {
  return changetype<UnitArguments>(args + 4 * PLACE);
}

/** Where a pixel of a unit lies; parts 0 to 3 are four channels each. */
export function pixelOf(p: Place, unit: i32, n: i32, part: i32, pixel: i32): usize {
  const group = p.at + <usize>(unit / p.unitsOfGroup) * p.group + <usize>(unit % p.unitsOfGroup) * p.unit;
  const row = group + <usize>n * p.image + (<usize>part >> 1) * p.half + ((<usize>part & 1) << 4);
  return row + <usize>pixel * p.pixel;
}

const PARTIAL: usize = 256;
const COEFFICIENTS: usize = 320;

/** The image of a row, rows counted in the order in which they lie in memory. */
// @ts-ignore: decorator
@inline
export function imageOf(p: Place, a: UnitArguments, row: i32): i32 {
  return (row / p.unitsOfGroup) % a.batch;
}

/** The unit of a row. */
// @ts-ignore: decorator
@inline
export function unitOf(p: Place, a: UnitArguments, row: i32): i32 {
  return (row / (p.unitsOfGroup * a.batch)) * p.unitsOfGroup + (row % p.unitsOfGroup);
}

export function rowsOf(a: UnitArguments): i32 {
  return a.batch * ((a.channels + 15) >> 4);
}

/** Two sums (16 f64 each) of a unit's row. */
// @ts-ignore: decorator
@inline
export function partialOf(a: UnitArguments, unit: i32, n: i32): usize {
  return sharedWorkspace() + <usize>(unit * a.batch + n) * PARTIAL;
}

/** Five arrays of a unit, 64 bytes each. */
// @ts-ignore: decorator
@inline
export function coefficientsOf(a: UnitArguments, unit: i32): usize {
  const units = (a.channels + 15) >> 4;
  return sharedWorkspace() + <usize>(units * a.batch) * PARTIAL + <usize>unit * COEFFICIENTS;
}

/** Adds eight values of f32 to eight sums of f64. */
export function addEight(to: usize, a: v128, b: v128): void {
  addFour(to, a);
  addFour(to + 32, b);
}

// @ts-ignore: decorator
@inline
function addFour(to: usize, v: v128): void {
  const high = v128.shuffle<i32>(v, v, 2, 3, 2, 3);
  v128.store(to, f64x2.add(v128.load(to), f64x2.promote_low_f32x4(v)));
  v128.store(to, f64x2.add(v128.load(to, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** Turns a row's Σ (x − shift) and Σ (x − shift)² into its mean and its sum of squared differences. */
export function settleRow(partial: usize, part: i32, shift: v128, plane: i32): void {
  settlePair(partial + (<usize>part << 5), f64x2.promote_low_f32x4(shift), plane);
  const high = v128.shuffle<i32>(shift, shift, 2, 3, 2, 3);
  settlePair(partial + (<usize>part << 5) + 16, f64x2.promote_low_f32x4(high), plane);
}

// @ts-ignore: decorator
@inline
function settlePair(at: usize, shift: v128, plane: i32): void {
  const sum = v128.load(at);
  const beyond = f64x2.mul(sum, f64x2.splat(1 / <f64>plane));
  v128.store(at, f64x2.add(shift, beyond));
  v128.store(at, f64x2.sub(v128.load(at, 128), f64x2.mul(sum, beyond)), 128);
}

/** Statistics of the batch from rows' means and squared differences, running values, coefficients. */
export function settleStatistics(a: UnitArguments, unit: i32): void {
  const images = f64x2.splat(<f64>a.batch);
  const partials = partialOf(a, unit, 0);
  for (let pair = 0; pair < 8; pair++) {
    const at = partials + (<usize>pair << 4);
    let mean = f64x2.splat(0);
    for (let n = 0; n < a.batch; n++) mean = f64x2.add(mean, v128.load(at + <usize>n * PARTIAL));
    mean = f64x2.div(mean, images);
    let within = f64x2.splat(0);
    let between = f64x2.splat(0);
    for (let n = 0; n < a.batch; n++) {
      const row = at + <usize>n * PARTIAL;
      const difference = f64x2.sub(v128.load(row), mean);
      within = f64x2.add(within, v128.load(row, 128));
      between = f64x2.add(between, f64x2.mul(difference, difference));
    }
    const means = f64x2.div(within, f64x2.splat(<f64>a.plane));
    const variance = f64x2.div(f64x2.add(means, between), images);
    const lane = pair << 1;
    storeStatistics(a, unit, lane, f64x2.extract_lane(mean, 0), f64x2.extract_lane(variance, 0));
    storeStatistics(a, unit, lane + 1, f64x2.extract_lane(mean, 1), f64x2.extract_lane(variance, 1));
  }
}

function storeStatistics(a: UnitArguments, unit: i32, lane: i32, mean: f64, spread: f64): void {
  const channel = unit * 16 + lane;
  const to = coefficientsOf(a, unit) + (<usize>lane << 2);
  if (channel >= a.channels) return storeLane(to, 0, 0, 0);
  const at = <usize>channel << 2;
  const variance = max(spread, 0);
  const invStd = 1 / sqrt(variance + <f64>a.eps);
  store<f32>(a.mean + at, <f32>mean);
  store<f32>(a.invStd + at, <f32>invStd);
  if (a.runningMean) update(a.runningMean + at, a.keep, a.add, mean);
  if (a.runningVariance) update(a.runningVariance + at, a.keep, a.addVariance, variance);
  const scale: f32 = a.scale ? load<f32>(a.scale + at) : 1;
  storeLane(to, <f32>mean, <f32>(invStd * <f64>scale), a.bias ? load<f32>(a.bias + at) : 0);
}

/** keep 0 never reads what is there. */
function update(at: usize, keep: f32, add: f32, value: f64): void {
  const kept = keep == 0 ? 0 : <f64>keep * <f64>load<f32>(at);
  store<f32>(at, <f32>(kept + <f64>add * value));
}

function storeLane(to: usize, mean: f32, factor: f32, bias: f32): void {
  store<f32>(to, mean);
  store<f32>(to, factor, 64);
  store<f32>(to, bias, 128);
}

/** Coefficients from statistics that are given. */
export function settleGlobal(a: UnitArguments, unit: i32): void {
  for (let lane = 0; lane < 16; lane++) {
    const channel = unit * 16 + lane;
    const at = <usize>channel << 2;
    const to = coefficientsOf(a, unit) + (<usize>lane << 2);
    if (channel >= a.channels) {
      storeLane(to, 0, 0, 0);
      continue;
    }
    const f = a.statisticsFactor;
    const invStd = 1 / sqrt(<f64>f * <f64>load<f32>(a.variance + at) + <f64>a.eps);
    const scale: f32 = a.scale ? load<f32>(a.scale + at) : 1;
    const mean: f32 = a.mean ? f * load<f32>(a.mean + at) : 0;
    storeLane(to, mean, <f32>(invStd * <f64>scale), a.bias ? load<f32>(a.bias + at) : 0);
  }
}

/** Gradients of scale and bias from rows' sums over g and g·(x − mean), and what dx takes from them. */
export function settleGradients(a: UnitArguments, unit: i32): void {
  const share = 1 / (<f64>a.batch * <f64>a.plane);
  const partials = partialOf(a, unit, 0);
  for (let lane = 0; lane < 16; lane++) {
    const channel = unit * 16 + lane;
    const to = coefficientsOf(a, unit) + (<usize>lane << 2);
    storeLane(to, 0, 0, 0);
    store<f32>(to, 0, 192);
    store<f32>(to, 0, 256);
    if (channel >= a.channels) continue;
    const sums = partials + (<usize>lane << 3);
    let sum: f64 = 0;
    let products: f64 = 0;
    for (let n = 0; n < a.batch; n++) {
      sum += load<f64>(sums + <usize>n * PARTIAL);
      products += load<f64>(sums + <usize>n * PARTIAL, 128);
    }
    const at = <usize>channel << 2;
    const invStd = <f64>load<f32>(a.invStd + at);
    const scale: f32 = a.scale ? load<f32>(a.scale + at) : 1;
    if (a.dBias) addTo(a.dBias + at, sum, a.accumulate);
    if (a.dScale) addTo(a.dScale + at, products * invStd, a.accumulate);
    storeLane(to, load<f32>(a.mean + at), <f32>(invStd * <f64>scale), 0);
    store<f32>(to, <f32>(sum * share), 192);
    store<f32>(to, <f32>(products * share * invStd * invStd), 256);
  }
}

function addTo(to: usize, sum: f64, accumulate: i32): void {
  store<f32>(to, <f32>(accumulate ? <f64>load<f32>(to) + sum : sum));
}
