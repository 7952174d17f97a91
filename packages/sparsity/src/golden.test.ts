import { makeBlob, readNet } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { type SparsityEvent, sparsityLog, tableLog } from './events.ts';
import { channelsOf, convolutionsOf, countZeros, maskOf, sparsify, sparsityTable } from './index.ts';
import { hasGolden, thresholdCases, thresholdRecord } from './testing/shared.ts';

/** What the original's number is: NaN is recorded as text. */
const numberOf = (value: number | string): number => (typeof value === 'number' ? value : Number.NaN);

describe.skipIf(!hasGolden)('thresholds of caffe-jacinto 0.17 (skipped where ../shared is absent)', () => {
  it.each(thresholdCases)('%s: weights bit for bit, sparsity, log and tables', (name) => {
    const { json, log, prototxt, values } = thresholdRecord(name);
    const net = readNet(prototxt);
    for (const entry of json.weights_before) {
      net.layer.find((layer) => layer.name === entry.layer)!.blobs = [makeBlob(entry.shape, values(entry))];
    }
    const recorded = net.layer.filter(({ type, blobs }) => type !== 'Convolution' || blobs.length > 0);
    net.layer = recorded;
    for (const [index, expected] of json.cases.entries()) {
      const convolutions = convolutionsOf(net);
      const {
        fraction_low: low,
        fraction_mid: mid,
        fraction_high: high,
        maxratio: maxRatio,
        value_max: valueMax,
      } = expected;
      const events: SparsityEvent[] = [];
      for (const convolution of convolutions) {
        events.push({ type: 'layer', layer: convolution.layer, ...channelsOf(convolution) });
        if (!sparsify(convolution, { low, mid, high }, { maxRatio, valueMax })) continue;
        const fraction = Math.fround(countZeros(convolution.values) / convolution.values.length);
        events.push({ type: 'thresholded', layer: convolution.layer, fraction });
      }
      for (const entry of expected.weights_after) {
        const own = convolutions.find(({ layer }) => layer === entry.layer);
        if (own === undefined) continue; // a layer type that stays untouched
        expect(own.values, `case ${index} ${entry.layer}`).toEqual(values(entry));
        expect(countZeros(own.values)).toBe(entry.zeros);
      }
      const table = sparsityTable(convolutions);
      const masks = new Map(convolutions.map(({ layer, values: own }) => [layer, maskOf(own)]));
      const connectivity = sparsityTable(convolutions, masks);
      expect(table.sparsity).toBe(Math.fround(numberOf(expected.sparsity)));
      expect(connectivity.sparsity).toBe(Math.fround(numberOf(expected.connectivity_sparsity)));
      events.push({ type: 'frozen' });
      const lines = [...events.flatMap(sparsityLog), ...tableLog(connectivity), ...tableLog(table)];
      expect(lines.map(({ severity, source, text }) => `${severity} ${source}] ${text}`.trimEnd())).toEqual(log[index]);
    }
  });
});
