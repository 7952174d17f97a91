import { describe, expect, test } from 'vitest';
import { errorOf, topOf, values } from './testing/layer-testing.ts';
import { TileLayer } from './tile.ts';

describe('Tile', () => {
  test('repeats along an axis', async () => {
    const each = { bottoms: [[2, 2]], values: values([1, 2, 3, 4]) };
    expect(await topOf(TileLayer, { ...each, param: 'tiles: 2' })).toEqual([1, 2, 1, 2, 3, 4, 3, 4]);
    expect(await topOf(TileLayer, { ...each, param: 'axis: 0 tiles: 2' })).toEqual([1, 2, 3, 4, 1, 2, 3, 4]);
  });

  test('refuses no tiles', async () => {
    expect(await errorOf(TileLayer, { bottoms: [[2]], param: 'axis: 0' })).toBe(
      'layer "test" (Tile): tile_param.tiles is missing; give 1 or more',
    );
    expect(await errorOf(TileLayer, { bottoms: [[2]], param: 'tiles: 0' })).toContain(
      'tile_param.tiles is 0; give 1 or more',
    );
  });
});
