import { type DetectNetGroundTruthParameter, parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { CoverageGrid } from './coverage.ts';

// A picture of 16 × 12 in cells of 4 × 4: a grid of 4 × 3.
const grid = (more = '', picture = 'image_size_x: 16 image_size_y: 12', stride = 4) =>
  new CoverageGrid(
    parseText('DetectNetGroundTruthParameter', `stride: ${stride} ${picture} ${more}`) as DetectNetGroundTruthParameter,
  );
const box = (x: number, y: number, width: number, height: number, classNumber = 1) => ({
  ...{ x, y, width, height, classNumber },
});

/** What the cells that hold anything hold: "row,column" → channels. */
function cells(made: CoverageGrid, ...boxes: ReturnType<typeof box>[]): Record<string, number[]> {
  const size = made.height * made.width;
  const out = new Float32Array(made.channels * size).fill(7);
  made.write(out, boxes);
  const found: Record<string, number[]> = {};
  for (let at = 0; at < size; at++) {
    const values = Array.from({ length: made.channels }, (_, c) => out[c * size + at]!);
    if (values.some((value) => value !== 0)) found[`${Math.floor(at / made.width)},${at % made.width}`] = values;
  }
  return found;
}

describe('CoverageGrid', () => {
  it('covers the middle of a box, and gives the box from each cell’s corner', () => {
    // x 2…10, y 2…6: middle 6,4; half its sides cover x 4…8, y 3…5, an area of 8 = half a cell.
    const made = grid();
    expect([made.channels, made.height, made.width]).toEqual([9, 3, 4]);
    expect(cells(made, box(2, 2, 8, 4))).toEqual({
      '0,1': [1, -2, 2, 6, 6, 1 / 8, 1 / 4, 2, 1],
      '1,1': [1, -2, -2, 6, 2, 1 / 8, 1 / 4, 2, 1],
    });
  });

  it('covers at most max_cvg_len with GRIDBOX_MAX', () => {
    // x 5…7, y 3…5: the same cells, a quarter of a cell.
    const found = cells(grid('max_cvg_len: 2'), box(2, 2, 8, 4));
    expect(Object.keys(found)).toEqual(['0,1', '1,1']);
    expect(found['0,1']![7]).toBe(4);
  });

  it('covers at least min_cvg_len with GRIDBOX_MIN, but no more than the box', () => {
    // 6 wide, and 4 high as the box: x 3…9, y 2…6, an area of 24 = 1.5 cells.
    const text = 'gridbox_type: GRIDBOX_MIN min_cvg_len: 6';
    const found = cells(grid(text), box(2, 2, 8, 4));
    expect(Object.keys(found)).toEqual(['0,0', '0,1', '0,2', '1,0', '1,1', '1,2']);
    expect(found['0,2']).toEqual([1, -6, 2, 2, 6, 1 / 8, 1 / 4, 1, 1]);
    expect(cells(grid(`${text} obj_norm: true`), box(2, 2, 8, 4))['0,2']![7]).toBeCloseTo(2 / 3, 6);
  });

  it('cuts boxes to the picture unless crop_bboxes is false', () => {
    // x −6…4 is cut to 0…4, covered 1…3; whole it is covered −3.5…1.5.
    expect(cells(grid(), box(-6, 4, 10, 4))).toEqual({ '1,0': [1, 0, 0, 4, 4, 1 / 4, 1 / 4, 4, 1] });
    expect(cells(grid('crop_bboxes: false'), box(-6, 4, 10, 4))).toEqual({
      '1,0': [1, -6, 0, 4, 4, Math.fround(1 / 10), 1 / 4, Math.fround(1.6), 1],
    });
    expect(cells(grid(), box(20, 4, 4, 4), box(2, 2, 0, 4), box(9, 9, -2, -2))).toEqual({});
  });

  it('takes the classes of object_class; where boxes meet, the later wins', () => {
    const made = grid('object_class { src: 1 dst: 0 } object_class { src: 8 dst: 2 }');
    expect(made.channels).toBe(11);
    const found = cells(made, box(0, 0, 8, 8), box(4, 4, 8, 8, 8), box(0, 0, 16, 12, 3));
    // The first covers 2…6 both ways, the second 6…10; they meet in cell 1,1.
    expect(Object.keys(found)).toEqual(['0,0', '0,1', '1,0', '1,1', '1,2', '2,1', '2,2']);
    expect(found['0,0']!.slice(8)).toEqual([1, 0, 0]);
    expect(found['1,1']).toEqual([1, 0, 0, 8, 8, 1 / 8, 1 / 8, 1, 0, 0, 1]);
  });

  it('rounds the grid’s sides, ties to even', () => {
    const width = (pixels: number) => grid('', `image_size_x: ${pixels}`).width;
    expect([10, 13, 14, 15].map(width)).toEqual([2, 3, 4, 4]);
  });

  it('says which field is wrong', () => {
    expect(() => grid('', '', 0)).toThrow('detectnet_groundtruth_param.stride is 0; use 1 or more');
    expect(() => grid('scale_cvg: -1')).toThrow(
      'scale_cvg is -1; use the share of a box’s sides that is covered, above 0',
    );
    expect(() => grid('max_cvg_len: 0')).toThrow('max_cvg_len is 0; use 1 or more');
    expect(() => grid('', 'image_size_y: 1')).toThrow('image_size_y is 1, less than a cell of stride 4; use 4 or more');
  });
});
