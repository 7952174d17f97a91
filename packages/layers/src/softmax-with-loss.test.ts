import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { SoftmaxWithLossLayer } from './softmax-with-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('SoftmaxWithLoss', () => {
  // Probabilities 1/4 and 3/4 in each of three items.
  const each = { bottoms: [[3, 2], [3]], values: values([0, Math.log(3)], [0, 1, 1]) };
  const [rare, often] = [Math.log(4), Math.log(4 / 3)];
  const loss = async (layer: string, labels = [0, 1, 1]): Promise<number> => {
    const [first] = await topOf(SoftmaxWithLossLayer, { ...each, layer, values: values([0, Math.log(3)], labels) });
    return first!;
  };

  test.each([
    ['', [0, 1, 1], (rare + 2 * often) / 3],
    ['loss_param { ignore_label: 1 }', [0, 1, 1], rare],
    ['loss_param { ignore_label: 1 normalization: FULL }', [0, 1, 1], rare / 3],
    ['loss_param { ignore_label: 1 normalization: BATCH_SIZE }', [0, 1, 1], rare / 3],
    ['loss_param { normalization: NONE }', [0, 1, 1], rare + 2 * often],
    ['loss_param { ignore_label: 1 normalize: false }', [0, 1, 1], rare / 3],
    ['loss_param { ignore_label: 1 normalize: true }', [0, 1, 1], rare],
    ['loss_param { ignore_label: 9 }', [9, 9, 9], 0],
    ['loss_param { label_weights: 2 label_weights: 0.5 }', [0, 1, 1], (2 * rare + often) / 3],
  ])('%s of labels %j', async (layer, labels, expected) => {
    expect(await loss(layer, labels)).toBeCloseTo(expected, 5);
  });

  test('label weights leave the gradient alone', async () => {
    const gradient = async (layer: string): Promise<number[]> => {
      const run = await setUpLayer(SoftmaxWithLossLayer, { ...each, layer });
      await run.forward();
      run.tops[0]!.diff.hostWrite().fill(1);
      await run.backward();
      return [...(await run.read(run.bottoms[0]!, 'diff'))];
    };
    const plain = await gradient('');
    expect(plain[0]).toBeCloseTo((0.25 - 1) / 3, 6);
    expect(await gradient('loss_param { label_weights: 2 label_weights: 0.5 }')).toEqual(plain);
  });

  test('multiplies the gradient by the global scale', async () => {
    const run = await setUpLayer(SoftmaxWithLossLayer, each);
    Object.assign(run.layer.context, { gradientScale: () => 10 });
    await run.forward();
    run.tops[0]!.diff.hostWrite().fill(3);
    await run.backward();
    expect((await run.read(run.bottoms[0]!, 'diff'))[0]).toBeCloseTo(10 * (0.25 - 1), 5);
  });

  test('gives the probabilities as a second top', async () => {
    const y = await topOf(SoftmaxWithLossLayer, { ...each, tops: 2 }, 1);
    expect(y[0]).toBeCloseTo(0.25, 6);
    expect(y).toHaveLength(6);
  });

  const failing = (bottoms: number[][], labels: number[], layer = '') =>
    errorOf(SoftmaxWithLossLayer, { bottoms, layer, values: values([0, 1], labels) });

  test.each([
    [[12, 1, 1], 'label 12 is out of range: there are 2 classes; use 0 to 1, or ignore_label'],
    [
      [-1, 2, 1],
      'label -1 is out of range (and 1 more of this batch): there are 2 classes; use 0 to 1, or ignore_label',
    ],
    [[0, 0.5, 1], 'label 0.5 is not a whole number: there are 2 classes; use 0 to 1, or ignore_label'],
    [[0, Number.NaN, 1], 'label NaN is not a whole number: there are 2 classes; use 0 to 1, or ignore_label'],
  ])('refuses the labels %j', async (labels, message) => {
    expect(await failing([[3, 2], [3]], labels)).toBe(`layer "test" (SoftmaxWithLoss): ${message}`);
  });

  test('refuses shapes that do not fit, an empty batch, and other numbers of label weights', async () => {
    expect(await failing([[3, 2], [2]], [0])).toContain(
      'bottom[0] has 3 items (3 2 (6)), bottom[1] has 2 (2 (2)); give both the same first axis',
    );
    expect(
      await failing(
        [
          [2, 2, 3],
          [2, 4],
        ],
        [0],
      ),
    ).toContain(
      'bottom[1] has 8 labels (2 4 (8)), but the scores (2 2 3 (12)) need 6; ' +
        'give one label for every position but those of the class axis 1: N,C,H,W scores take N·H·W labels',
    );
    expect(await failing([[0, 2], [0]], [0])).toContain(
      'a loss of nothing: bottom[0] is 0 2 (0); give it a batch that is not empty',
    );
    expect(await failing([[3, 2], [3]], [0], 'loss_param { label_weights: 1 }')).toContain(
      'loss_param.label_weights has 1 values for 2 classes; give none, or one a class',
    );
  });

  test('refuses a gradient for the labels', async () => {
    const run = await setUpLayer(SoftmaxWithLossLayer, each);
    await run.forward();
    await expect(run.backward([true, true])).rejects.toThrow(
      'has no gradient for its labels (bottom[1]); set propagate_down: false for them',
    );
  });
});
