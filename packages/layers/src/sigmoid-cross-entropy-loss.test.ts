import { describe, expect, test } from 'vitest';
import { SigmoidCrossEntropyLossLayer } from './sigmoid-cross-entropy-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('SigmoidCrossEntropyLoss', () => {
  const shape = [2, 2];
  const term = (x: number, t: number): number => Math.log(1 + Math.exp(x)) - x * t;
  const loss = async (layer: string, scores: number[], targets: number[]): Promise<number> => {
    const each = { layer, bottoms: [shape, shape], values: values(scores, targets) };
    return (await topOf(SigmoidCrossEntropyLossLayer, each))[0]!;
  };
  const scores = [1, -2, 0.5, 3];

  test('is divided by the number of items', async () => {
    const expected = (term(1, 1) + term(-2, 0) + term(0.5, 0.5) + term(3, 1)) / 2;
    expect(await loss('', scores, [1, 0, 0.5, 1])).toBeCloseTo(expected, 5);
  });

  test('is exact for large scores', async () => {
    expect(await loss('', [1000, -1000, 1000, 1e30], [1, 0, 0, 1])).toBeCloseTo(500, 3);
  });

  // BVLC's options, which caffe-jacinto does not know: they count where a file names them.
  test.each([
    ['ignore_label: 9', 2],
    ['ignore_label: 9 normalization: VALID', 3],
    ['ignore_label: 9 normalization: FULL', 4],
    ['ignore_label: 9 normalization: NONE', 1],
    ['ignore_label: 9 normalize: true', 3],
    ['ignore_label: 9 normalize: false', 2],
  ])('loss_param %s divides by %i', async (options, divisor) => {
    const expected = (term(1, 1) + term(-2, 0) + term(3, 1)) / divisor;
    expect(await loss(`loss_param { ${options} }`, scores, [1, 0, 9, 1])).toBeCloseTo(expected, 5);
  });

  test('refuses other counts', async () => {
    expect(await errorOf(SigmoidCrossEntropyLossLayer, { bottoms: [shape, [2, 3]] })).toBe(
      'layer "test" (SigmoidCrossEntropyLoss): bottom[0] is 2 2 (4), bottom[1] is 2 3 (6); their counts must be equal',
    );
  });
});
