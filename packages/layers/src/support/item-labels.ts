import type { Tensor } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto';
import { isLabel, labelOutOfRange } from './labels.ts';

/**
 * How scores lie that have one label an item: items × classes, all axes but the first being classes.
 * @throws CaffeError where the number of labels is another.
 */
export function itemLay(scores: Tensor, labels: Tensor): { items: number; classes: number } {
  const items = scores.shape[0] ?? 1;
  if (labels.count !== items) {
    throw new CaffeError({
      code: 'bad-shape',
      problem: `bottom[1] has ${labels.count} labels (${labels.shapeString()}), but bottom[0] (${scores.shapeString()}) has ${items} items`,
      fix: 'give one label an item',
    });
  }
  return { items, classes: scores.count / items };
}

/** @throws CaffeError 'bad-data' at the first label that names none of `classes` classes. */
export function checkLabels(labels: Float32Array, classes: number): void {
  for (const label of labels) if (!isLabel(label, classes)) throw labelOutOfRange(label, classes, 0, false);
}
