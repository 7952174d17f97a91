import { basename } from 'node:path';
import { makeBlob } from '@jacinto/proto';
import { readNetFile } from '@jacinto/proto/node';
import { convolutionsOf, countZeros, maskOf, sparsify, sparsityTable } from '@jacinto/sparsity';
import { Comparison } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import type { Outcome } from './outcome.ts';
import { type RecordedParam, readFloats, readJson, recordedNumber, valuesAt } from './recorded.ts';

interface RecordedThresholds {
  weights_before: Required<Pick<RecordedParam, 'layer' | 'shape' | 'data'>>[];
  cases: {
    fraction_low: number;
    fraction_mid: number;
    fraction_high: number;
    maxratio: number;
    value_max: number;
    sparsity: number | string;
    connectivity_sparsity: number | string;
    weights_after: { layer: string; shape: number[]; data: number; zeros: number }[];
  }[];
}

/** Zeroes the smallest weights of a net's convolutions as was recorded: weights bit for bit, both tables' ratios. */
export function runThresholdCase(path: string, name = basename(path)): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const { weights_before, cases } = readJson<RecordedThresholds>(`${path}.json`);
    const floats = readFloats(`${path}.bin`);
    const arrays = (shape: readonly number[], offset: number) => valuesAt(floats, offset, shape, `${path}.bin`);
    const net = readNetFile(`${path}.prototxt`);
    for (const { layer, shape, data } of weights_before) {
      const own = net.layer.find((one) => one.name === layer);
      if (own !== undefined) own.blobs = [makeBlob(shape, arrays(shape, data))];
    }
    net.layer = net.layer.filter(({ type, blobs }) => type !== 'Convolution' || blobs.length > 0);
    const comparison = new Comparison();
    for (const [i, recorded] of cases.entries()) {
      const convolutions = convolutionsOf(net);
      const { fraction_low: low, fraction_mid: mid, fraction_high: high, maxratio, value_max } = recorded;
      const caps = { maxRatio: maxratio, valueMax: value_max };
      for (const convolution of convolutions) sparsify(convolution, { low, mid, high }, caps);
      for (const { layer, shape, data, zeros } of recorded.weights_after) {
        const own = convolutions.find((one) => one.layer === layer);
        if (own === undefined) continue; // a layer type that stays untouched
        comparison.addExact(`case ${i}: ${layer}`, own.values, arrays(shape, data));
        comparison.addExact(`case ${i}: zeros of ${layer}`, [countZeros(own.values)], [zeros]);
      }
      const masks = new Map(convolutions.map(({ layer, values }) => [layer, maskOf(values)]));
      const ratios = [sparsityTable(convolutions).sparsity, sparsityTable(convolutions, masks).sparsity];
      const expected = [recorded.sparsity, recorded.connectivity_sparsity].map(recordedNumber).map(Math.fround);
      comparison.addExact(`case ${i}: sparsity`, ratios, expected);
    }
    return outcomeOf(name, comparison);
  });
}
