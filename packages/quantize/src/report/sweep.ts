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

type SweepOption = Pick<MeasureOptions, 'settings' | 'rangeMethod' | 'weightsByChannel'>;

/** What a sweep tries besides bitwidths. */
export const sweepOptions: Record<string, SweepOption> = {
  'weight offsets': { settings: { applyOffsetWeights: true } },
  'no offsets': { settings: { applyOffsetWeights: false } },
  'all offsets': { settings: { applyOffsetWeights: true, applyOffsetActivations: true } },
  'powers of two': {
    settings: { applyOffsetWeights: false, power2ScaleWeights: true, power2ScaleActivations: true },
  },
  'by channel': { settings: { applyOffsetWeights: false }, weightsByChannel: true },
  'by channel, KL': { settings: { applyOffsetWeights: false }, weightsByChannel: true, rangeMethod: 'kl' },
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
    for (const [option, { settings: fields, ...how }] of Object.entries(sweepOptions)) {
      const settings = { ...options.settings, bitwidthWeights: bits, bitwidthActivations: bits, ...fields };
      const measured = await measure(runner, param, weights, { ...options, ...how, settings });
      const row = { bits, option, settings, measured };
      rows.push(row);
      onRow(row, rows.length, total);
    }
  }
  return rows;
}
