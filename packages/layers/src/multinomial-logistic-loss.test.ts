import { describe, expect, test } from 'vitest';
import { MultinomialLogisticLossLayer } from './multinomial-logistic-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('MultinomialLogisticLoss', () => {
  const each = { bottoms: [[2, 2], [2]], values: values([0.25, 0.75, 0.5, 0.5], [0, 1]) };

  test('is the mean negative logarithm at the labels', async () => {
    const [loss] = await topOf(MultinomialLogisticLossLayer, each);
    expect(loss).toBeCloseTo((Math.log(4) + Math.log(2)) / 2, 6);
  });

  test('takes probabilities below 1e-20 for 1e-20', async () => {
    const [loss] = await topOf(MultinomialLogisticLossLayer, { ...each, values: values([0, 1, 1, 0], [0, 0]) });
    expect(loss).toBeCloseTo(-Math.log(1e-20) / 2, 4);
  });

  test('refuses a label that is no class, and another number of labels', async () => {
    expect(await errorOf(MultinomialLogisticLossLayer, { ...each, values: values([0.5], [2, 0]) })).toContain(
      'label 2 is out of range: there are 2 classes',
    );
    expect(await errorOf(MultinomialLogisticLossLayer, { bottoms: [[2, 2], [3]] })).toContain(
      'bottom[0] has 2 items (2 2 (4)), bottom[1] has 3 (3 (3)); give both the same first axis',
    );
  });
});
