const { fround } = Math;

/** Least and greatest value of a blob. */
export interface ValueRange {
  min: number;
  max: number;
}

/** What was seen, and how many values were NaN or infinite. */
export interface SeenRange extends ValueRange {
  notFinite: number;
}

/** Range of the finite values; 0 to 0 where there are none. */
export function rangeOf(values: ArrayLike<number>): SeenRange {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let notFinite = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (!Number.isFinite(v)) notFinite++;
    else {
      if (v < min) min = v;
      if (v > max) max = v;
    }
  }
  return min > max ? { min: 0, max: 0, notFinite } : { min, max, notFinite };
}

/**
 * The moving average of a blob's range, in float32: range · (1 − update) + seen · expansion · update. `update` is 1 for
 * the first pass, later range_update_factor. The expansion multiplies: a range above zero moves away from it.
 */
export function averageRange(range: ValueRange, seen: ValueRange, update: number, expansion: number): ValueRange {
  const beta = fround(update);
  const alpha = fround(1 - beta);
  const one = (before: number, now: number): number =>
    fround(fround(before * alpha) + fround(fround(now * fround(expansion)) * beta));
  return { min: one(range.min, seen.min), max: one(range.max, seen.max) };
}
