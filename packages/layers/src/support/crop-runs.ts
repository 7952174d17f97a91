import { countOf } from '@jacinto/core-tensor';

/** Where a group of rows begins in the whole and in the part cut out of it. */
export interface CropRun {
  whole: number;
  part: number;
}

/**
 * How to cut a box of `shape`, beginning at `begins`, out of `from`: each run copies `outer` rows of `length` values,
 * `xStride` apart in the whole and adjoining in the part.
 */
export function cropRuns(
  from: readonly number[],
  shape: readonly number[],
  begins: readonly number[],
): { outer: number; length: number; xStride: number; runs: CropRun[] } {
  // One run takes the last two axes; a run an index of the axes before.
  const [fromRow, row] = [from.at(-1) ?? 1, shape.at(-1) ?? 1];
  const rows = shape.at(-2) ?? 1;
  const leading = shape.slice(0, -2);
  const count = countOf(leading);
  const runs: CropRun[] = [];
  for (let n = 0; n < count; n++) {
    let rest = n;
    let whole = 0;
    let stride = countOf(from);
    const index = leading.map((_, at) => {
      const after = countOf(leading.slice(at + 1));
      const i = Math.floor(rest / after);
      rest %= after;
      return i;
    });
    for (let at = 0; at < from.length; at++) {
      stride /= from[at]!;
      whole += ((index[at] ?? 0) + begins[at]!) * stride;
    }
    runs.push({ whole, part: n * rows * row });
  }
  return { outer: rows, length: row, xStride: fromRow, runs };
}
