import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { DropoutLayer } from './dropout.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Dropout', () => {
  const each = { bottoms: [[2000]], values: values([1]) };

  test('drops a share of the values and scales the others', async () => {
    const y = await topOf(DropoutLayer, { ...each, param: 'dropout_ratio: 0.2' });
    expect(new Set(y)).toEqual(new Set([0, 1.25]));
    const dropped = y.filter((value) => value === 0).length / y.length;
    expect(dropped).toBeGreaterThan(0.16);
    expect(dropped).toBeLessThan(0.24);
  });

  test('draws anew in every pass, and the same from the same seed', async () => {
    const run = await setUpLayer(DropoutLayer, each);
    await run.forward();
    const first = [...(await run.read(run.tops[0]!))];
    run.setForwardCount(1);
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).not.toEqual(first);
    run.setForwardCount(0);
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).toEqual(first);
    const seeded = { ...each, param: 'random_seed: 5' };
    expect(await topOf(DropoutLayer, { ...seeded, seed: 1 })).toEqual(
      await topOf(DropoutLayer, { ...seeded, seed: 2 }),
    );
  });

  test('copies in TEST', async () => {
    expect(await topOf(DropoutLayer, { ...each, bottoms: [[3]], phase: 'TEST' })).toEqual([1, 1, 1]);
  });

  test('refuses a ratio of 1 or beyond', async () => {
    expect(await errorOf(DropoutLayer, { ...each, param: 'dropout_ratio: 1' })).toBe(
      'layer "test" (Dropout): dropout_param.dropout_ratio is 1; use 0 or more, less than 1',
    );
    expect(await errorOf(DropoutLayer, { ...each, param: 'dropout_ratio: nan' })).toContain('dropout_ratio is NaN');
  });
});
