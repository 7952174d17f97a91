import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { EltwiseLayer } from './eltwise.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Eltwise', () => {
  const each = { bottoms: [[3], [3]], values: values([1, 2, 3], [3, 2, 1]) };

  test('sums, multiplies, takes the maximum', async () => {
    expect(await topOf(EltwiseLayer, each)).toEqual([4, 4, 4]);
    expect(await topOf(EltwiseLayer, { ...each, param: 'coeff: 2 coeff: -1' })).toEqual([-1, 2, 5]);
    expect(await topOf(EltwiseLayer, { ...each, param: 'operation: PROD' })).toEqual([3, 4, 3]);
    expect(await topOf(EltwiseLayer, { ...each, param: 'operation: MAX' })).toEqual([3, 2, 3]);
  });

  test('gives the gradient of equal maxima to the second', async () => {
    const run = await setUpLayer(EltwiseLayer, { ...each, param: 'operation: MAX' });
    await run.forward();
    run.tops[0]!.diff.hostWrite().fill(1);
    await run.backward();
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([0, 0, 1]);
    expect([...(await run.read(run.bottoms[1]!, 'diff'))]).toEqual([1, 1, 0]);
  });

  test('has a gradient where a factor is 0, with stable_prod_grad: false too', async () => {
    const param = 'operation: PROD stable_prod_grad: false';
    const run = await setUpLayer(EltwiseLayer, { ...each, param, values: values([0, 2, 3], [3, 2, 1]) });
    await run.forward();
    run.tops[0]!.diff.hostWrite().fill(1);
    await run.backward();
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([3, 2, 1]);
  });

  test('leaves its bottoms as they are', async () => {
    const run = await setUpLayer(EltwiseLayer, each);
    await run.forward();
    expect([...(await run.read(run.bottoms[0]!))]).toEqual([1, 2, 3]);
  });

  test('refuses other shapes, other numbers of factors, factors but for SUM, and PROD in place', async () => {
    expect(
      await errorOf(EltwiseLayer, {
        bottoms: [
          [2, 3],
          [3, 2],
        ],
      }),
    ).toBe('layer "test" (Eltwise): bottom[1] is 3 2 (6), bottom[0] is 2 3 (6); all bottoms must have one shape');
    expect(await errorOf(EltwiseLayer, { ...each, param: 'coeff: 1' })).toContain(
      'eltwise_param.coeff has 1 values for 2 bottoms; give none, or one a bottom',
    );
    expect(await errorOf(EltwiseLayer, { ...each, param: 'operation: MAX coeff: 1 coeff: 2' })).toContain(
      'eltwise_param.coeff is given, but only operation SUM takes factors; leave it out, or use SUM',
    );
    expect(await errorOf(EltwiseLayer, { bottoms: [[3]] })).toContain(
      'has 1 bottom, takes at least 2 bottoms; give 1 more',
    );
    await expect(setUpLayer(EltwiseLayer, { ...each, param: 'operation: PROD' }, { inPlace: true })).rejects.toThrow(
      'cannot work in place but for SUM; give the top another name than the bottoms',
    );
  });
});
