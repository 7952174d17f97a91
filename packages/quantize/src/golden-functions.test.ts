import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { estimate } from './estimate.ts';
import { golden, hasGolden, readGoldenJson, readGoldenValues } from './testing/shared.ts';
import { type Rounding, trim } from './trim.ts';

interface EstimateRow {
  min: number;
  max: number;
  bitwidth: number;
  power2: boolean;
  unsigned_data: boolean;
  apply_offset: boolean;
  scale_applied: number;
  out: Record<string, number | boolean>;
}

interface TrimRow {
  bitwidth: number;
  scale: number;
  offset: number;
  unsigned_quant: boolean;
  clip: boolean;
  cpu: number;
  gpu: number;
}

const single = (value: number | boolean): number | boolean => (typeof value === 'number' ? Math.fround(value) : value);

describe.skipIf(!hasGolden)('numbers of caffe-jacinto 0.17 (skipped where ../shared is absent)', () => {
  it('estimate: every row, bit for bit', () => {
    const rows = readGoldenJson<EstimateRow[]>(join(golden, 'estimate/estimate.json'));
    expect(rows.length).toBeGreaterThan(100);
    for (const [i, row] of rows.entries()) {
      const found = estimate({
        ...row,
        unsigned: row.unsigned_data,
        applyOffset: row.apply_offset,
        scaleApplied: row.scale_applied,
      });
      // the original shifts an int, which overflows beyond 30 bits
      const overflows = Math.abs(row.out['shiftbits'] as number) > 30;
      const exact = Math.fround(2 ** -(row.out['shiftbits'] as number) * row.scale_applied);
      expect({ ...found, row: i }, JSON.stringify(row)).toEqual({
        bitwidth: row.out['bitwidth'],
        fracbits: row.out['fracbits'],
        unsignedData: row.out['unsigned_data'],
        unsignedQuant: row.out['unsigned_quant'],
        scaleTarget: overflows ? exact : single(row.out['scale_target']!),
        shiftbits: row.out['shiftbits'],
        offset: single(row.out['offset']!),
        min: single(row.out['min']!),
        max: single(row.out['max']!),
        row: i,
      });
    }
  });

  it.each<Rounding>(['cpu', 'gpu'])('trim: every row with %s rounding, bit for bit', (rounding) => {
    const { values, rows } = readGoldenJson<{ values: { data: number; shape: [number] }; rows: TrimRow[] }>(
      join(golden, 'trim/trim.json'),
    );
    const all = readGoldenValues(join(golden, 'trim/trim.bin'));
    const [count] = values.shape;
    expect(rows.length).toBeGreaterThan(20);
    for (const row of rows) {
      const found = all.slice(values.data, values.data + count);
      trim(found, { ...row, unsigned: row.unsigned_quant, rounding });
      const wanted = all.slice(row[rounding], row[rounding] + count);
      expect(bits(found), JSON.stringify(row)).toEqual(bits(wanted));
    }
  });
});

const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer);
