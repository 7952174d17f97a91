import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { RNNLayer } from './rnn.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('RNN', () => {
  const bottoms = [
    [2, 1, 1],
    [2, 1],
  ];
  // Blobs: W_xh, b_h, W_hh, W_ho, b_o.
  const blobs = {
    0: { values: [2] },
    1: { values: [0.5] },
    2: { values: [-1] },
    3: { values: [3] },
    4: { values: [0.25] },
  };
  const h1 = Math.tanh(2 * 0.1 + 0.5);

  test.each([
    [1, Math.tanh(2 * 0.2 + 0.5 - h1)],
    [0, Math.tanh(2 * 0.2 + 0.5)],
  ])('takes the hidden value over where cont is %i', async (cont, h2) => {
    const each = { param: 'num_output: 1', bottoms, values: values([0.1, 0.2], [0, cont]), blobs };
    const [o1, o2] = await topOf(RNNLayer, each);
    expect(o1).toBeCloseTo(Math.tanh(3 * h1 + 0.25), 5);
    expect(o2).toBeCloseTo(Math.tanh(3 * h2 + 0.25), 5);
  });

  test('gives the hidden value after the last step with expose_hidden', async () => {
    const exposed = [...bottoms, [1, 1, 1]];
    const param = 'num_output: 1 expose_hidden: true';
    const each = { param, bottoms: exposed, values: values([0.1, 0.2], [1, 0], [7]), blobs };
    expect((await topOf(RNNLayer, each, 1))[0]).toBeCloseTo(Math.tanh(2 * 0.2 + 0.5), 5);
    const run = await setUpLayer(RNNLayer, each);
    expect(run.layer.saveState()).toBeUndefined();
  });

  test('refuses no outputs and a sequence without items', async () => {
    expect(await errorOf(RNNLayer, { bottoms })).toContain('recurrent_param.num_output is missing');
    expect(await errorOf(RNNLayer, { bottoms: [[2], [2]], param: 'num_output: 1' })).toBe(
      'layer "test" (RNN): bottom[0] is 2 (2); give it steps and items first: T,N,…',
    );
  });
});
