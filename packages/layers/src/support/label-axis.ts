import type { Tensor } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto';

/** Scores laid out outer × classes × inner. */
export interface LabelLay {
  outer: number;
  classes: number;
  inner: number;
}

/**
 * How scores and labels lie: classes along `axis`, one label for every other position.
 * @throws CaffeError where the number of labels is another.
 */
export function labelLay(scores: Tensor, labels: Tensor, axisGiven: number): LabelLay {
  const axis = scores.canonicalAxis(axisGiven);
  const [outer, inner] = [scores.countRange(0, axis), scores.countRange(axis + 1)];
  if (outer * inner !== labels.count) {
    throw new CaffeError({
      code: 'bad-shape',
      problem: `bottom[1] has ${labels.count} labels (${labels.shapeString()}), but the scores (${scores.shapeString()}) need ${outer * inner}`,
      fix: `give one label for every position but those of the class axis ${axis}: N,C,H,W scores take N·H·W labels`,
    });
  }
  return { outer, classes: scores.shape[axis]!, inner };
}
