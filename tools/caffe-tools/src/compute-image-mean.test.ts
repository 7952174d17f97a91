import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeDatum, encodeImage, openDatabase } from '@jacinto/data';
import { blobValues, create } from '@jacinto/proto';
import { readBlobFile } from '@jacinto/proto/node';
import { describe, expect, it } from 'vitest';
import { computeImageMeanTool } from './cli/compute-image-mean.ts';
import { called } from './testing/called.ts';
import { hasShared, shared, temporaryFolder } from './testing/shared.ts';

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);

async function database(name: string, datums: readonly Parameters<typeof create<'Datum'>>[1][]): Promise<string> {
  const writer = await openDatabase(at(name), 'lmdb', 'new');
  for (const [i, datum] of datums.entries()) writer.put(Buffer.from(`k${i}`), encodeDatum(create('Datum', datum)));
  await writer.commit();
  await writer.close();
  return at(name);
}

describe.skipIf(!hasShared('golden/files'))('against Caffe’s own output', () => {
  it('writes the same file and the same log lines', async () => {
    const source = shared('golden/files/cifar256_lmdb');
    const { code, lines } = await called(computeImageMeanTool, source, at('mean.binaryproto'));
    expect(code).toBe(0);
    const wanted = readFileSync(shared('golden/files/mean.binaryproto'));
    expect(readFileSync(at('mean.binaryproto')).equals(wanted)).toBe(true);
    const log = readFileSync(shared('golden/files/logs/bvlc_compute_image_mean.log'), 'utf8').trimEnd().split('\n');
    const plain = log.map((line) => line.replace(/^([IWEF])\d{4} [\d:.]+ +\d+ /, '$1 '));
    const named = (line: string) =>
      line.replace('lmdb cifar256_lmdb', `lmdb ${source}`).replace('mean.binaryproto', at('mean.binaryproto'));
    expect(lines).toEqual(plain.map(named));
  });

  it('reads LevelDB', async () => {
    cpSync(shared('golden/files/cifar256_leveldb'), at('level'), { recursive: true });
    const { code } = await called(computeImageMeanTool, '--backend', 'leveldb', at('level'), at('level.binaryproto'));
    expect(code).toBe(0);
    expect(readFileSync(at('level.binaryproto')).equals(readFileSync(shared('golden/files/mean.binaryproto')))).toBe(
      true,
    );
  });
});

it('averages raw, float and encoded records', async () => {
  const size = { channels: 1, height: 1, width: 2 };
  const raw = await database('raw', [
    { ...size, data: Uint8Array.of(0, 255) },
    { ...size, floatData: [1, 0.5] },
  ]);
  await called(computeImageMeanTool, raw, at('raw.binaryproto'));
  expect([...blobValues(readBlobFile(at('raw.binaryproto')))]).toEqual([0.5, 127.75]);
  const file = await encodeImage({ height: 1, width: 2, channels: 1, data: Uint8Array.of(9, 4) }, 'png');
  const encoded = await database('encoded', [{ data: file, encoded: true }]);
  const { lines } = await called(computeImageMeanTool, encoded);
  expect(lines.at(-1)).toBe('I compute_image_mean.cpp:119] mean_value channel [0]: 6.5');
});

it('says what is wrong, and writes nothing then', async () => {
  const mixed = await database('mixed', [
    { channels: 1, height: 1, width: 2, data: new Uint8Array(2) },
    { channels: 1, height: 3, width: 1, data: new Uint8Array(3) },
  ]);
  const { code, lines } = await called(computeImageMeanTool, mixed, at('mixed.binaryproto'));
  expect([code, lines.at(-1)]).toEqual([
    1,
    `E compute_image_mean.cpp:0] ${mixed}: record "k1": Incorrect data field size 3: it is 1×3×1, the first is 1×1×2 (channels×height×width); make the database of images of one size (convert_imageset --resize_height, --resize_width)`,
  ]);
  expect(existsSync(at('mixed.binaryproto'))).toBe(false);
  const missing = await called(computeImageMeanTool, at('none'));
  expect([missing.code, missing.lines.at(-1)]).toEqual([
    1,
    `E compute_image_mean.cpp:0] ${at('none')}: does not exist; make the database with convert_imageset, or correct the path`,
  ]);
  const empty = await called(computeImageMeanTool, await database('empty', []));
  expect(empty.lines.at(-1)).toContain('the database holds no record');
  const usage = await called(computeImageMeanTool);
  expect([usage.code, usage.stdout.includes('compute_image_mean [FLAGS] INPUT_DB [OUTPUT_FILE]')]).toEqual([1, true]);
});
