import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { AccuracyLayer } from './accuracy.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Accuracy', () => {
  const scores = [0.1, 0.5, 0.4, 0.7, 0.2, 0.1, 0.3, 0.3, 0.3];
  const each = { bottoms: [[3, 3], [3]], values: values(scores, [1, 2, 2]) };

  test('counts labels among the best; of equal scores the higher index ranks first', async () => {
    expect(await topOf(AccuracyLayer, each)).toEqual([Math.fround(2 / 3)]);
    expect(await topOf(AccuracyLayer, { ...each, values: values(scores, [1, 2, 1]) })).toEqual([Math.fround(1 / 3)]);
    expect(await topOf(AccuracyLayer, { ...each, param: 'top_k: 2', values: values(scores, [2, 1, 1]) })).toEqual([1]);
  });

  test('counts by class', async () => {
    expect(await topOf(AccuracyLayer, { ...each, tops: 2 }, 1)).toEqual([0, 1, 0.5]);
  });

  test('leaves ignored labels out; where none is left the share is 0', async () => {
    const ignoring = { ...each, param: 'ignore_label: 2' };
    expect(await topOf(AccuracyLayer, ignoring)).toEqual([1]);
    expect(await topOf(AccuracyLayer, { ...ignoring, values: values(scores, [2, 2, 2]) })).toEqual([0]);
  });

  test('never counts a label whose score is NaN', async () => {
    expect(await topOf(AccuracyLayer, { ...each, values: values([Number.NaN], [0, 1, 2]) })).toEqual([0]);
  });

  test('refuses labels out of range, too many best, another number of labels, and a gradient', async () => {
    expect(await errorOf(AccuracyLayer, { ...each, values: values(scores, [3]) })).toBe(
      'layer "test" (Accuracy): label 3 is out of range: there are 3 classes; use 0 to 2, or ignore_label',
    );
    expect(await errorOf(AccuracyLayer, { ...each, param: 'top_k: 4' })).toContain(
      'accuracy_param.top_k is 4, but there are 3 classes; use 1 to 3',
    );
    expect(await errorOf(AccuracyLayer, { bottoms: [[3, 3], [4]] })).toContain('bottom[1] has 4 labels (4 (4))');
    const run = await setUpLayer(AccuracyLayer, each);
    await run.forward();
    await expect(run.backward([true, false])).rejects.toThrow('has no gradient, but one of its bottoms needs one');
  });
});
