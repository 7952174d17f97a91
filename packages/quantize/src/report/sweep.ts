import type { NetParameter } from '@jacinto/proto';
import type { QuantizationFields } from '../settings.ts';
import { type Measured, type MeasureOptions, measure } from './measure.ts';
import type { Runner } from './runner.ts';

export interface SweepRow {
  /** Bits of weights and activations. */
  bits: number;
  option: string;
  settings: QuantizationFields;
  measured: Measured;
}

/** What a sweep tries besides bitwidths. */
export const sweepOptions: Record<string, QuantizationFields> = {
  'weight offsets': { applyOffsetWeights: true },
  'no offsets': { applyOffsetWeights: false },
  'all offsets': { applyOffsetWeights: true, applyOffsetActivations: true },
  'powers of two': { applyOffsetWeights: false, power2ScaleWeights: true, power2ScaleActivations: true },
};

/** Measures each bitwidth with each of `sweepOptions`, over the settings given. */
export async function sweep(
  runner: Runner,
  param: NetParameter,
  weights: NetParameter,
  bitwidths: readonly number[],
  options: MeasureOptions = {},
  onRow: (row: SweepRow, done: number, total: number) => void = () => {},
): Promise<SweepRow[]> {
  const rows: SweepRow[] = [];
  const total = bitwidths.length * Object.keys(sweepOptions).length;
  for (const bits of bitwidths) {
    for (const [option, fields] of Object.entries(sweepOptions)) {
      const settings = { ...options.settings, bitwidthWeights: bits, bitwidthActivations: bits, ...fields };
      const row = { bits, option, settings, measured: await measure(runner, param, weights, { ...options, settings }) };
      rows.push(row);
      onRow(row, rows.length, total);
    }
  }
  return rows;
}
