import { describe, expect, test } from 'vitest';
import { CropLayer } from './crop.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('Crop', () => {
  const each = {
    bottoms: [
      [3, 3],
      [2, 2],
    ],
    values: values([1, 2, 3, 4, 5, 6, 7, 8, 9]),
  };

  test('cuts a box out', async () => {
    expect(await topOf(CropLayer, { ...each, param: 'axis: 0 offset: 1 offset: 0' })).toEqual([4, 5, 7, 8]);
    expect(await topOf(CropLayer, { ...each, param: 'axis: 0 offset: 1' })).toEqual([5, 6, 8, 9]);
    expect(await topOf(CropLayer, { ...each, param: 'axis: 1 offset: 1' })).toEqual([2, 3, 5, 6, 8, 9]);
  });

  test.each([
    [
      'axis: 0 offset: [1, 0, 0]',
      [
        [3, 3],
        [2, 2],
      ],
      'crop_param.offset is given 3 times for 2 axes; give none, one, or 2',
    ],
    [
      'axis: 0 offset: 2',
      [
        [3, 3],
        [2, 2],
      ],
      'crop_param.offset is 2 on axis 0, beyond which 2 of 3 do not fit; use 0 to 1',
    ],
    [
      'axis: 0',
      [
        [3, 3],
        [4, 2],
      ],
      "axis 0 of bottom[1] is 4 long, bottom[0]'s only 3",
    ],
    ['axis: 0', [[3, 3], [4]], 'bottom[0] is 3 3 (9), bottom[1] is 4 (4); they must have equally many axes'],
  ])('refuses %s of %j', async (param, bottoms, message) => {
    expect(await errorOf(CropLayer, { param, bottoms })).toBe(`layer "test" (Crop): ${message}`);
  });
});
