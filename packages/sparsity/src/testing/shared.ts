import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const shared = process.env['JACINTO_SHARED'] ?? fileURLToPath(new URL('../../../../../shared', import.meta.url));

/** Numbers recorded from caffe-jacinto 0.17; tests skip where they are absent. */
export const golden = `${shared}/golden/jacinto`;
export const goldenFiles = `${shared}/golden/files`;
export const hasGolden = existsSync(golden);
export const thresholdCases = hasGolden
  ? readdirSync(`${golden}/threshold`)
      .filter((name) => name.endsWith('.json'))
      .map((name) => name.slice(0, -5))
      .sort()
  : [];

export interface Entry {
  layer: string;
  shape: number[];
  data: number;
  zeros: number;
}

export interface ThresholdCase {
  fraction_low: number;
  fraction_mid: number;
  fraction_high: number;
  maxratio: number;
  value_max: number;
  sparsity: number | string;
  connectivity_sparsity: number | string;
  weights_after: Entry[];
}

/** A recorded set of threshold cases, with a reader of its arrays and the log's lines by case, prefixes cut off. */
export function thresholdRecord(name: string) {
  const base = `${golden}/threshold/${name}`;
  const json = JSON.parse(readFileSync(`${base}.json`, 'utf8')) as { weights_before: Entry[]; cases: ThresholdCase[] };
  const bytes = readFileSync(`${base}.bin`);
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const log = readFileSync(`${base}.log`, 'utf8')
    .split(/^#### case.*\n/m)
    .slice(1)
    .map((part) => part.trimEnd().split('\n').map(withoutPrefix));
  return {
    ...{ json, log, prototxt: readFileSync(`${base}.prototxt`, 'utf8') },
    values: ({ shape, data }: Entry) => floats.slice(data, data + shape.reduce((a, b) => a * b, 1)),
  };
}

/** "I1124 18:13:16.542157 16873 net.cpp:2707] All" → "I net.cpp:2707] All"; trimmed at the end, as logs' last lines are. */
export function withoutPrefix(line: string): string {
  return line.replace(/^([IWEF])\d{4} [\d:.]+ +\d+ /, '$1 ').trimEnd();
}
