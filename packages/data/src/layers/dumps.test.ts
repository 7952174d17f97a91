import { copyFileSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Phase } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { goldenNames, unpackCifar } from '../testing/cifar.ts';
import { dataNet, forwarded } from '../testing/data-net.ts';
import { hasShared, shared, temporaryFolder } from '../testing/shared.ts';

interface Dump {
  iterations: { blobs: { blob: string; shape: number[]; data: number }[] }[];
}

const files = shared('golden/files');
const isThere = hasShared('golden/files/dumps') && hasShared('data/cifar10-train.zip');

/** A folder with the databases, the list, and its first pictures. */
function staged(): string {
  const folder = temporaryFolder();
  for (const name of readdirSync(files)) {
    if (/_(lmdb|leveldb)/.test(name)) symlinkSync(join(files, name), join(folder, name));
  }
  for (const name of ['list.txt', 'mean.binaryproto']) copyFileSync(join(files, name), join(folder, name));
  unpackCifar(folder, goldenNames().slice(0, 12));
  return folder;
}

// What Caffe's own Data and ImageData layers put into their tops (BVLC 1.0 with OpenCV 4.6), in TEST.
describe.skipIf(!isThere)('tops as Caffe made them', () => {
  const folder = isThere ? staged() : '';
  const names = isThere ? readdirSync(join(files, 'dumps')).filter((name) => name.endsWith('.json')) : [];
  it.each(names.map((name) => name.replace('.json', '')))('%s', async (name) => {
    const dump = JSON.parse(readFileSync(join(files, 'dumps', `${name}.json`), 'utf8')) as Dump;
    const bytes = readFileSync(join(files, 'dumps', `${name}.bin`));
    const values = new Float32Array(Uint8Array.from(bytes).buffer);
    const net = await dataNet(readFileSync(join(files, 'dumps', `${name}.prototxt`), 'utf8'), {
      phase: Phase.TEST,
      baseFolder: folder,
    });
    try {
      for (const { blobs } of dump.iterations) {
        const made = await forwarded(net);
        for (const { blob, shape, data } of blobs) {
          expect(net.blob(blob).shape).toEqual(shape);
          const wanted = values.subarray(data, data + shape.reduce((a, b) => a * b, 1));
          expect(made[blob]).toEqual(Float32Array.from(wanted));
        }
      }
    } finally {
      await net.dispose();
    }
  });
});
