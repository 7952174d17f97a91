import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of numbers recorded from caffe-jacinto 0.17; tests skip where it is absent. */
export const golden = `${process.env['JACINTO_SHARED'] ?? fileURLToPath(new URL('../../../../../shared', import.meta.url))}/golden/jacinto/optimize`;

export const hasGolden = existsSync(golden);

export const cases = hasGolden ? readdirSync(golden).sort() : [];

interface Entry {
  layer?: string;
  blob?: string;
  index: number;
  shape: number[];
  data: number;
}

export interface Recorded {
  params_before: Entry[];
  forwards: { inputs: Entry[]; blobs_after: Entry[] }[];
}

/** A recorded run, and a reader of its arrays. */
export function recorded(name: string, run: 'before' | 'after' | 'in_memory') {
  const json = JSON.parse(readFileSync(`${golden}/${name}/${run}.json`, 'utf8')) as Recorded;
  const bytes = readFileSync(`${golden}/${name}/${run}.bin`);
  const floats = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  const values = ({ shape, data }: Entry) => floats.subarray(data, data + shape.reduce((a, b) => a * b, 1));
  return { json, values };
}
