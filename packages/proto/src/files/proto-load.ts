import { readFileSync } from 'node:fs';
import { blobValues } from '../blobs/blob-values.ts';
import { makeBlob } from '../blobs/make-blob.ts';
import type { NetParameter } from '../generated/messages.ts';
import { create } from '../messages/message.ts';
import { readWeightsFile, writeWeightsFile } from './message-files.ts';

export interface ProtoLoadTiming {
  bytes: number;
  /** Milliseconds to read the file's bytes (fs.readFileSync), best of the runs. */
  readMs: number;
  /** Milliseconds of `readWeightsFile` and of the values of every blob, best of the runs. */
  loadMs: number;
  /** loadMs ÷ readMs. */
  ratio: number;
}

/** Writes a .caffemodel of about `megabytes`: 40 InnerProduct layers with a weight and a bias each. */
export function writeSampleModel(path: string, megabytes = 240, format: 'nv' | 'bvlc' = 'nv'): void {
  const count = Math.round((megabytes * 1e6) / 4 / 40);
  const net: NetParameter = create('NetParameter', { name: 'sample' });
  for (let i = 0; i < 40; i++) {
    const weights = Float32Array.from({ length: count }, (_, k) => (k % 1009) / 1009 - 0.5);
    const layer = create('LayerParameter', { name: `ip${i}`, type: 'InnerProduct' });
    layer.blobs = [
      makeBlob([1, count], weights, { format }),
      makeBlob([1 + (i % 3)], new Float32Array(1 + (i % 3)), { format }),
    ];
    net.layer.push(layer);
  }
  writeWeightsFile(path, net, { format });
}

/** Times reading a .caffemodel against reading its bytes, the two in turn after one warm-up of each. */
export function timeProtoLoad(path: string, runs = 5): ProtoLoadTiming {
  let [readMs, loadMs, bytes] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
  for (let i = 0; i <= runs; i++) {
    let start = performance.now();
    bytes = readFileSync(path).length;
    const read = performance.now() - start;
    start = performance.now();
    for (const { blobs } of readWeightsFile(path).layer) for (const blob of blobs) blobValues(blob);
    const load = performance.now() - start;
    if (i === 0) continue;
    readMs = Math.min(readMs, read);
    loadMs = Math.min(loadMs, load);
  }
  return { bytes, readMs, loadMs, ratio: loadMs / readMs };
}
