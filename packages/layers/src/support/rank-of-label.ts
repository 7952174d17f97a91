/**
 * How many classes are ranked before the label's: those of a higher score, and of equal scores those of a higher index.
 * Scores are `classes` values from `offset` on, `stride` apart. NaN is ranked last; a label whose score is NaN is
 * ranked behind all others.
 */
export function rankOfLabel(
  scores: Float32Array,
  offset: number,
  stride: number,
  classes: number,
  label: number,
): number {
  const own = scores[offset + label * stride]!;
  if (Number.isNaN(own)) return classes;
  let before = 0;
  for (let c = 0; c < classes; c++) {
    const score = scores[offset + c * stride]!;
    if (score > own || (score === own && c > label)) before++;
  }
  return before;
}
