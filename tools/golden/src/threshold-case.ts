import { existsSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { makeBlob } from '@jacinto/proto';
import { readNetFile } from '@jacinto/proto/node';
import {
  channelsOf,
  convolutionsOf,
  countZeros,
  maskOf,
  type SparsityEvent,
  sparsify,
  sparsityLog,
  sparsityTable,
  tableLog,
} from '@jacinto/sparsity';
import { Comparison } from './compare.ts';
import { glogPrefix } from './compare-sparsity.ts';
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

/** Zeroes the smallest weights of a net's convolutions as was recorded: weights and ratios bit for bit, log lines exact. */
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
    const log = loggedSections(`${path}.log`);
    for (const [i, recorded] of cases.entries()) {
      const convolutions = convolutionsOf(net);
      const { fraction_low: low, fraction_mid: mid, fraction_high: high, maxratio, value_max } = recorded;
      const caps = { maxRatio: maxratio, valueMax: value_max };
      const events: SparsityEvent[] = [];
      for (const convolution of convolutions) {
        const { layer, values } = convolution;
        events.push({ type: 'layer', layer, ...channelsOf(convolution) });
        if (!sparsify(convolution, { low, mid, high }, caps)) continue;
        events.push({ type: 'thresholded', layer, fraction: Math.fround(countZeros(values) / values.length) });
      }
      events.push({ type: 'frozen' });
      for (const { layer, shape, data, zeros } of recorded.weights_after) {
        const own = convolutions.find((one) => one.layer === layer);
        if (own === undefined) continue; // a layer type that stays untouched
        comparison.addExact(`case ${i}: ${layer}`, own.values, arrays(shape, data));
        comparison.addExact(`case ${i}: zeros of ${layer}`, [countZeros(own.values)], [zeros]);
      }
      const masks = new Map(convolutions.map(({ layer, values }) => [layer, maskOf(values)]));
      const tables = [sparsityTable(convolutions), sparsityTable(convolutions, masks)] as const;
      const ratios = tables.map(({ sparsity }) => sparsity);
      const expected = [recorded.sparsity, recorded.connectivity_sparsity].map(recordedNumber).map(Math.fround);
      comparison.addExact(`case ${i}: sparsity`, ratios, expected);
      const lines = [...events.flatMap(sparsityLog), ...tableLog(tables[1]), ...tableLog(tables[0])];
      const ours = lines.map(({ severity, source, text }) => `${severity} ${source}] ${text}`.trimEnd());
      const wrong = log?.[i]?.findIndex((line, k) => line !== ours[k]) ?? -1;
      if (log !== undefined && log[i]?.length !== ours.length) comparison.addFault(`case ${i}: the log's lines differ`);
      else if (wrong >= 0) comparison.addFault(`case ${i}: "${ours[wrong]}", not "${log![i]![wrong]}"`);
    }
    return outcomeOf(name, comparison);
  });
}

/** The log's lines without date and thread, by case; undefined where there is no log. */
function loggedSections(path: string): string[][] | undefined {
  if (!existsSync(path)) return undefined;
  const sections = readFileSync(path, 'utf8')
    .split(/^#### case .*\n/m)
    .slice(1);
  return sections.map((section) =>
    section
      .split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => line.replace(glogPrefix, '$1 ').replace('-nan', 'nan').trimEnd()),
  );
}
