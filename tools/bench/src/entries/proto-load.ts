import { closeSync, fsyncSync, mkdtempSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { blobValues, create, makeBlob, type NetParameter } from '@jacinto/proto';
import { readWeightsFile, writeWeightsFile } from '@jacinto/proto/node';
import { verify } from '../check.ts';
import type { BenchEntry, Row } from '../entry.ts';
import { measure } from '../measure.ts';

const layers = 24;
const valuesALayer = 2_500_000; // 24 × 10 MB: 240 MB, the size of a VGG or AlexNet caffemodel

/** Loading a 240 MB caffemodel beside reading its bytes, in both layouts of values that Caffe has written. */
export const protoLoad: BenchEntry = {
  name: 'proto-load',
  description: 'a 240 MB caffemodel: loading it beside reading the file',
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-'));
    try {
      const rows: Row[] = [];
      for (const format of ['bvlc', 'nv'] as const) {
        context.progress(`writing a ${format === 'nv' ? 'raw_data' : 'packed float'} file`);
        const path = join(folder, `${format}.caffemodel`);
        rows.push(...(await measureFile(path, format)));
        rmSync(path);
      }
      return {
        rows,
        notes: ['The file lies in the cache of the operating system: the ratio is against memory speed.'],
      };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function measureFile(path: string, format: 'bvlc' | 'nv'): Promise<Row[]> {
  const values = Float32Array.from({ length: valuesALayer }, (_, i) => Math.sin(i));
  writeWeightsFile(path, weights(values, format), { format });
  flush(path);
  const loaded = readWeightsFile(path);
  for (const layer of loaded.layer) verify(layer.name!, blobValues(layer.blobs[0]!), values, 0);
  let sum = 0;
  const seconds = await measure(
    [
      { name: 'readFileSync', run: () => void readFileSync(path) },
      { name: 'jacinto readWeightsFile', run: () => void readWeightsFile(path) },
      {
        name: 'jacinto, every value as floats',
        run() {
          for (const { blobs } of readWeightsFile(path).layer) sum += blobValues(blobs[0]!)[1]!;
        },
      },
    ],
    { rounds: 7 },
  );
  if (!(sum !== 0)) throw new Error('no value was read');
  const bytes = layers * valuesALayer * 4;
  const work = `${(bytes / 1e6).toFixed(0)} MB, ${format === 'nv' ? 'raw_data' : 'packed floats'}`;
  const base = seconds.get('readFileSync')!;
  return [...seconds].map(([subject, time]) => ({
    work,
    subject,
    seconds: time,
    rate: bytes / time / 1e9,
    unit: 'GB/s',
    ...(subject === 'readFileSync' ? {} : { ratio: time / base, against: 'the time of readFileSync' }),
  }));
}

function weights(values: Float32Array, format: 'bvlc' | 'nv'): NetParameter {
  const names = Array.from({ length: layers }, (_, i) => `ip${i}`);
  const blob = makeBlob([1000, valuesALayer / 1000], values, { format });
  return create('NetParameter', {
    name: 'large',
    layer: names.map((name) => create('LayerParameter', { name, type: 'InnerProduct', blobs: [blob] })),
  });
}

/** Waits until the file has left the write cache, so that writing does not disturb what is measured. */
function flush(path: string): void {
  const file = openSync(path, 'r+');
  writeSync(file, new Uint8Array(0));
  fsyncSync(file);
  closeSync(file);
}
