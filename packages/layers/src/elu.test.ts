import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { ELULayer } from './elu.ts';
import { topOf, values } from './testing/layer-testing.ts';

describe('ELU', () => {
  const each = { bottoms: [[3]], values: values([2, 0, Math.log(0.5)]) };

  test('is linear above 0 and exponential below', async () => {
    const y = await topOf(ELULayer, { ...each, param: 'alpha: 4 lambda: 3' });
    [6, 0, -2].forEach((value, i) => {
      expect(y[i]).toBeCloseTo(value, 6);
    });
  });

  test("has caffe-jacinto's gradient, which lambda multiplies on both sides", async () => {
    const run = await setUpLayer(ELULayer, { ...each, param: 'alpha: 4 lambda: 3' });
    await run.forward();
    run.tops[0]!.diff.hostWrite().fill(1);
    await run.backward();
    const dx = await run.read(run.bottoms[0]!, 'diff');
    [3, 12, 6].forEach((value, i) => {
      expect(dx[i]).toBeCloseTo(value, 5);
    });
  });
});
