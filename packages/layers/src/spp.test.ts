import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { levelWindow, SPPLayer } from './spp.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('SPP', () => {
  test('joins the bins of all levels', async () => {
    const each = { bottoms: [[1, 2, 2, 2]], values: values([1, 2, 3, 4, 8, 7, 6, 5]) };
    expect(await topOf(SPPLayer, { ...each, param: 'pyramid_height: 2' })).toEqual([4, 8, 1, 2, 3, 4, 8, 7, 6, 5]);
    const average = await topOf(SPPLayer, { ...each, param: 'pyramid_height: 1 pool: AVE' });
    expect(average).toEqual([2.5, 6.5]);
  });

  test('centres bins that do not divide the image', () => {
    expect(levelWindow(9, 0)).toEqual({ kernel: 9, stride: 9, pad: 0 });
    expect(levelWindow(9, 1)).toEqual({ kernel: 5, stride: 5, pad: 1 });
    expect(levelWindow(9, 2)).toEqual({ kernel: 3, stride: 3, pad: 2 });
  });

  test('gives images of any size one length', async () => {
    const run = await setUpLayer(SPPLayer, { param: 'pyramid_height: 2', bottoms: [[2, 3, 8, 8]] });
    await run.forward();
    run.bottoms[0]!.reshape([2, 3, 5, 7]);
    await run.forward();
    expect(run.tops[0]!.shape).toEqual([2, 15]);
    await run.dispose();
  });

  test('refuses no levels, images too small for their bins, and other axes', async () => {
    expect(await errorOf(SPPLayer, { bottoms: [[1, 1, 4, 4]] })).toBe(
      'layer "test" (SPP): spp_param.pyramid_height is missing; give the number of levels, 1 or more',
    );
    expect(await errorOf(SPPLayer, { bottoms: [[1, 1, 8, 3]], param: 'pyramid_height: 3' })).toBe(
      'layer "test" (SPP): bottom[0] is 1 1 8 3 (24): axis 3 is too short for the 4 bins of level 2; ' +
        'use a smaller pyramid_height or larger images',
    );
    expect(await errorOf(SPPLayer, { bottoms: [[1, 4]], param: 'pyramid_height: 1' })).toContain(
      'SPP needs 4 axes: N, C, H, W',
    );
  });
});
