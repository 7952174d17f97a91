import { basename } from 'node:path';
import { estimate, type Rounding, trim } from '@jacinto/quantize';
import { Comparison } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import type { Outcome } from './outcome.ts';
import { readFloats, readJson, recordedNumber, valuesAt } from './recorded.ts';

type RecordedValue = number | string | boolean;

interface RecordedEstimate {
  min: number | string;
  max: number | string;
  bitwidth: number;
  power2: boolean;
  unsigned_data: boolean;
  apply_offset: boolean;
  scale_applied: number | string;
  out: Record<string, RecordedValue>;
}

/** Scales and offsets of ranges: every field exact. */
export function runEstimateCase(path: string, name = basename(path)): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const comparison = new Comparison();
    for (const [i, row] of readJson<RecordedEstimate[]>(`${path}.json`).entries()) {
      const [min, max, scaleApplied] = [row.min, row.max, row.scale_applied].map(recordedNumber) as [
        number,
        number,
        number,
      ];
      const { bitwidth, power2, unsigned_data: unsigned, apply_offset: applyOffset } = row;
      const found = estimate({ min, max, bitwidth, power2, unsigned, applyOffset, scaleApplied });
      const theirs = (field: string) => Math.fround(Number(recordedValue(row.out[field]!)));
      const shiftbits = theirs('shiftbits');
      // The original shifts an int, which overflows beyond 30 bits: there the exact power is right.
      const overflows = Math.abs(shiftbits) > 30;
      const scale = overflows ? Math.fround(2 ** -shiftbits * scaleApplied) : theirs('scale_target');
      const offset = overflows && applyOffset ? Math.fround(0 - Math.fround(min * scale)) : theirs('offset');
      comparison.addExact(
        `row ${i}`,
        [found.scaleTarget, found.shiftbits, found.offset, found.min, found.max, found.bitwidth, found.fracbits],
        [scale, shiftbits, offset, ...['min', 'max', 'bitwidth', 'fracbits'].map(theirs)],
      );
      const flags = [found.unsignedData, found.unsignedQuant].map(Number);
      comparison.addExact(`row ${i} unsigned`, flags, [theirs('unsigned_data'), theirs('unsigned_quant')]);
    }
    return outcomeOf(name, comparison);
  });
}

const recordedValue = (value: RecordedValue) => (typeof value === 'boolean' ? Number(value) : recordedNumber(value));

interface RecordedTrims {
  values: { shape: number[]; data: number };
  rows: (Record<Rounding, number> & {
    bitwidth: number;
    scale: number;
    offset: number;
    unsigned_quant: boolean;
    clip: boolean;
  })[];
}

/** Rounding to fixed point, with the processor's and the GPU's ties: bit for bit. */
export function runTrimCase(path: string, name = basename(path)): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const { values, rows } = readJson<RecordedTrims>(`${path}.json`);
    const floats = readFloats(`${path}.bin`);
    const array = (offset: number) => valuesAt(floats, offset, values.shape, `${path}.bin`);
    const comparison = new Comparison();
    for (const [i, row] of rows.entries()) {
      for (const rounding of ['cpu', 'gpu'] as const) {
        const found = array(values.data).slice();
        trim(found, { ...row, unsigned: row.unsigned_quant, rounding });
        comparison.addExact(`row ${i} ${rounding}`, found, array(row[rounding]));
      }
    }
    return outcomeOf(name, comparison);
  });
}
