import type { Tensor } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto';

/** @throws CaffeError 'bad-shape' where a bottom holds another number of values than the first. */
export function checkSameCount(bottom: readonly Tensor[]): void {
  const [first] = bottom as [Tensor];
  bottom.forEach((each, i) => {
    if (each.count === first.count) return;
    throw new CaffeError({
      code: 'bad-shape',
      problem: `bottom[0] is ${first.shapeString()}, bottom[${i}] is ${each.shapeString()}`,
      fix: 'their counts must be equal',
    });
  });
}
