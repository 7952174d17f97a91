import { CaffeError } from './caffe-error.ts';

/** Edit distance with neighbouring swaps counted once (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, before[j - 2]! + 1);
      row.push(best);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length]!;
}

/** The known name nearest to `name`, or undefined where none is near (a third of its length, 3 edits at least). */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(3, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const d = distance(name.toLowerCase(), candidate.toLowerCase());
    if (d < bestDistance) [best, bestDistance] = [candidate, d];
  }
  return best;
}

/** The error for a name that is not in `known`: names the nearest one, or all where they are few. */
export function unknownName(field: string, name: string, known: readonly string[]): CaffeError {
  const near = nearest(name, known);
  const fix =
    near !== undefined ? `did you mean "${near}"?` : known.length <= 16 ? `use one of ${known.join(', ')}` : undefined;
  return new CaffeError({ code: 'unknown-name', field, problem: `"${name}" is not known`, fix });
}
