// Small helpers on four lanes of f32.

/** Stores the first `count` lanes (4 or more: all). Kernels load whole vectors at the end, but may not store them. */
// @ts-ignore: decorator
@inline
export function put(at: usize, v: v128, count: i32): void {
  if (count >= 4) v128.store(at, v);
  else putSome(at, v, count);
}

function putSome(at: usize, v: v128, count: i32): void {
  v128.store_lane<f32>(at, v, 0);
  if (count > 1) v128.store_lane<f32>(at, v, 1, 4);
  if (count > 2) v128.store_lane<f32>(at, v, 2, 8);
}

/** The first `count` lanes; zero in the others. */
// @ts-ignore: decorator
@inline
export function keep(v: v128, count: i32): v128 {
  return v128.and(v, i32x4.gt_s(i32x4.splat(count), i32x4(0, 1, 2, 3)));
}

// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

// @ts-ignore: decorator
@inline
export function maxLanes(v: v128): f32 {
  return max(
    max(f32x4.extract_lane(v, 0), f32x4.extract_lane(v, 1)),
    max(f32x4.extract_lane(v, 2), f32x4.extract_lane(v, 3)),
  );
}

/** condition ? a : b, lane by lane; the condition's lanes are all ones or zero. */
// @ts-ignore: decorator
@inline
export function choose(condition: v128, a: v128, b: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i32x4.relaxed_laneselect(a, b, condition); // one instruction for three
  return v128.bitselect(a, b, condition);
}

/** x < limit ? limit : x, so NaN stays NaN; one instruction where f32x4.max, with its care for −0, takes several. */
// @ts-ignore: decorator
@inline
export function above(x: v128, limit: v128): v128 {
  return f32x4.pmax(x, limit);
}

/** limit < x ? limit : x. */
// @ts-ignore: decorator
@inline
export function below(x: v128, limit: v128): v128 {
  return f32x4.pmin(x, limit);
}

/** max(x,0) + slope·min(x,0); NaN stays NaN. */
// @ts-ignore: decorator
@inline
export function relu4(x: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  return f32x4.add(above(x, zero), f32x4.mul(slope, below(x, zero)));
}

/** x > 0 ? 1 : slope. */
// @ts-ignore: decorator
@inline
export function reluSlope4(x: v128, slope: v128): v128 {
  return choose(f32x4.gt(x, f32x4.splat(0)), f32x4.splat(1), slope);
}

/** Values summed in f32 before the sum goes on in f64. */
export const PIECE: i32 = 4096;
