import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Phase } from '@jacinto/proto';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { dataNet, forwarded } from '../testing/data-net.ts';
import { countingDatums, makeDatabase } from '../testing/make-database.ts';
import { temporaryFolder } from '../testing/shared.ts';

const folder = temporaryFolder();

const layer = (source: string, batch: number | string, more = '', transform = '', backend = 'LMDB') =>
  `layer { name: "data" type: "Data" top: "data" top: "label" transform_param { ${transform} }
    data_param { source: "${source}" batch_size: ${batch} backend: ${backend} ${more} } }`;

/** Labels of some forward passes. */
async function labels(text: string, passes: number, phase: number = Phase.TRAIN, seed = 1): Promise<number[][]> {
  const net = await dataNet(text, { phase, seed });
  const seen: number[][] = [];
  try {
    for (let i = 0; i < passes; i++) seen.push([...(await forwarded(net))['label']!]);
  } finally {
    await net.dispose();
  }
  return seen;
}

async function failure(text: string, phase: number = Phase.TRAIN): Promise<string> {
  try {
    await labels(text, 20, phase);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('no error');
}

/** JPEGs of one size and noise, as encoded datums. */
async function jpegDatums(count: number, height = 24, width = 20) {
  const datums = [];
  for (let i = 0; i < count; i++) {
    const values = Uint8Array.from({ length: height * width * 3 }, (_, k) => (k * (i + 3) * 2654435761) >>> 24);
    const data = await sharp(values, { raw: { width, height, channels: 3 } })
      .jpeg()
      .toBuffer();
    datums.push({ data, label: i, encoded: true });
  }
  return datums;
}

describe.each(['LMDB', 'LEVELDB'] as const)('%s', (backend) => {
  const source = makeDatabase(
    join(folder, `ten-${backend}`),
    countingDatums(10),
    backend === 'LMDB' ? 'lmdb' : 'leveldb',
  );

  it('goes through the records in order, batches crossing the end', async () => {
    expect(await labels(layer(await source, 4, '', '', backend), 4)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 0, 1],
      [2, 3, 4, 5],
    ]);
    expect((await labels(layer(await source, 25, '', '', backend), 1))[0]!.slice(18)).toEqual([8, 9, 0, 1, 2, 3, 4]);
  });

  it('goes on exactly where a saved state was', async () => {
    const text = layer(await source, 3, 'rand_skip: 10', '', backend);
    const all = await labels(text, 9);
    const first = await dataNet(text, { phase: Phase.TRAIN });
    for (let i = 0; i < 5; i++) await first.forward();
    const state = first.saveState();
    expect(state.layers['data']).toEqual({ records: 15 });
    await first.dispose();
    const second = await dataNet(text, { phase: Phase.TRAIN, seed: 99 });
    await second.forward(); // what was made before is dropped
    second.restoreState(JSON.parse(JSON.stringify(state)));
    const rest: number[][] = [];
    for (let i = 5; i < 9; i++) rest.push([...(await forwarded(second))['label']!]);
    await second.dispose();
    expect(rest).toEqual(all.slice(5));
  });

  it('shuffles each round after the first where it is cached, in TRAIN only', async () => {
    const text = layer(await source, 10, 'cache: true shuffle: true', '', backend);
    const rounds = await labels(text, 4);
    const inOrder = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    expect(rounds[0]).toEqual(inOrder);
    for (const round of rounds.slice(1)) {
      expect(round).not.toEqual(inOrder);
      expect([...round].sort((a, b) => a - b)).toEqual(inOrder);
    }
    expect(rounds[1]).not.toEqual(rounds[2]);
    expect(await labels(text, 4)).toEqual(rounds); // same seed, same order
    expect(await labels(text, 2, Phase.TRAIN, 2)).not.toEqual(rounds.slice(0, 2));
    expect((await labels(text, 2, Phase.TEST))[1]).toEqual(inOrder);
  });
});

it('skips up to rand_skip records, the same for the same seed', async () => {
  const source = await makeDatabase(join(folder, 'skip'), countingDatums(200));
  const text = layer(source, 1, 'rand_skip: 100');
  const starts = new Set<number>();
  for (let seed = 0; seed < 10; seed++) starts.add((await labels(text, 1, Phase.TRAIN, seed))[0]![0]!);
  expect(starts.size).toBeGreaterThan(5);
  expect(Math.max(...starts)).toBeLessThan(100);
});

it('two layers of one name and source work beside each other', async () => {
  const source = await makeDatabase(join(folder, 'shared'), countingDatums(6), 'leveldb');
  const text = layer(source, 2, '', '', 'LEVELDB');
  const [a, b] = [await dataNet(text), await dataNet(text)];
  const seen = [await forwarded(a), await forwarded(b), await forwarded(a)].map((blobs) => [...blobs['label']!]);
  expect(seen).toEqual([
    [0, 1],
    [0, 1],
    [2, 3],
  ]);
  await a.dispose();
  expect([...(await forwarded(b))['label']!]).toEqual([2, 3]);
  await b.dispose();
});

it('reads float data, labels that are missing as 0, and works without a label top', async () => {
  const source = await makeDatabase(join(folder, 'float'), [
    { channels: 2, height: 1, width: 1, floatData: [0.25, -3] },
    { channels: 2, height: 1, width: 1, floatData: [1.5, 2], label: -7 },
  ]);
  const net = await dataNet(layer(source, 2, '', 'scale: 2'));
  const made = await forwarded(net);
  expect([...made['data']!]).toEqual([0.5, -6, 3, 4]);
  expect([...made['label']!]).toEqual([0, -7]);
  await net.dispose();
  const alone = await dataNet(layer(source, 1).replace('top: "label"', ''));
  expect(Object.keys(await forwarded(alone))).toEqual(['data']);
  await alone.dispose();
});

describe('on worker threads', () => {
  const source = jpegDatums(13).then((datums) => makeDatabase(join(folder, 'jpeg'), datums));
  const transform = 'crop_size: 16 mirror: true scale: 0.5 mean_value: 100';

  it('makes the same batches whatever the number of threads, and after a resume', async () => {
    const passes = async (threads: number, from = 0): Promise<Float32Array[]> => {
      const text = layer(await source, 5, `threads: ${threads} prefetch: ${threads + 1}`, transform);
      const net = await dataNet(text, { phase: Phase.TRAIN });
      if (from > 0) net.restoreState({ forwardCount: from, seed: 1, layers: { data: { records: 5 * from } } });
      const made: Float32Array[] = [];
      for (let i = from; i < 7; i++) made.push((await forwarded(net))['data']!);
      await net.dispose();
      return made;
    };
    const one = await passes(1);
    expect(await passes(2)).toEqual(one);
    expect(await passes(2, 4)).toEqual(one.slice(4));
    expect(one[0]).not.toEqual(one[1]);
  });

  it('gives each batch its own size where batch_size is 1', async () => {
    const mixed = await makeDatabase(join(folder, 'mixed'), [
      ...(await jpegDatums(1, 8, 6)),
      ...(await jpegDatums(1, 5, 9)),
    ]);
    const net = await dataNet(layer(mixed, 1), { phase: Phase.TEST });
    const shapes: string[] = [];
    for (let i = 0; i < 4; i++) {
      await net.forward();
      shapes.push(net.blob('data').shape.join(' '));
    }
    await net.dispose();
    expect(shapes).toEqual(['1 3 8 6', '1 3 5 9', '1 3 8 6', '1 3 5 9']);
    expect(await failure(layer(mixed, 2))).toBe(
      `${mixed}: layer "data" (Data): record "00000001": is 3×5×9 (channels×height×width), but its batch is 3×8×6; give all pictures one size (resize them, or set crop_size), or use batch_size: 1`,
    );
  });

  it('force_gray gives one channel, force_color three', async () => {
    const net = await dataNet(layer(await source, 2, '', 'force_gray: true'), { phase: Phase.TEST });
    expect(net.blob('data').shape).toEqual([2, 1, 24, 20]);
    await net.dispose();
  });

  it('names the record whose picture is damaged', async () => {
    const datums = await jpegDatums(6);
    datums[4]!.data = Buffer.from('no jpeg');
    const bad = await makeDatabase(join(folder, 'bad-jpeg'), datums);
    expect(await failure(layer(bad, 2))).toContain(
      `${bad}: layer "data" (Data): record "00000004": cannot be decoded as a picture (`,
    );
  });

  it('names the record whose picture is cut short', async () => {
    const datums = await jpegDatums(6);
    datums[3]!.data = datums[3]!.data!.subarray(0, datums[3]!.data!.length - 150);
    const cut = await makeDatabase(join(folder, 'cut-jpeg'), datums);
    expect(await failure(layer(cut, 2))).toContain(
      `${cut}: layer "data" (Data): record "00000003": cannot be decoded as a picture (`,
    );
  });

  it('a net may be disposed of while batches are being made', async () => {
    const net = await dataNet(layer(await source, 5, 'threads: 2'));
    await net.forward();
    await net.dispose();
    await net.dispose();
  });
});

describe('errors', () => {
  const source = makeDatabase(join(folder, 'errors'), countingDatums(10));
  const where = 'net.prototxt:1: layer "data" (Data): ';

  it('batch_size 0', async () => {
    expect(await failure(layer('x', 0))).toBe(`${where}data_param.batch_size is 0; use 1 or more`);
  });

  it('no batch_size, no source', async () => {
    expect(await failure(layer('x', 1).replace('batch_size: 1', ''))).toBe(
      `${where}data_param.batch_size is missing; use 1 or more`,
    );
    expect(await failure(layer('x', 1).replace('source: "x"', ''))).toBe(
      `${where}data_param.source is missing; give the path of the database`,
    );
  });

  it('a database that does not exist, or is of the other kind', async () => {
    expect(await failure(layer(join(folder, 'none'), 1))).toBe(
      `${folder}/none: layer "data" (Data): does not exist; make the database with convert_imageset, or correct the path`,
    );
    expect(await failure(layer(await source, 1, '', '', 'LEVELDB'))).toBe(
      `${await source}: layer "data" (Data): backend is LEVELDB, but the folder holds an LMDB database; use backend LMDB`,
    );
  });

  it('an empty database', async () => {
    const empty = await makeDatabase(join(folder, 'empty'), []);
    expect(await failure(layer(empty, 1))).toContain('the database holds no record; fill it with convert_imageset');
  });

  it('records of another size within a batch', async () => {
    const mixed = await makeDatabase(join(folder, 'mixed-raw'), [
      ...countingDatums(3),
      { channels: 1, height: 2, width: 1, data: Uint8Array.of(1, 2), label: 3 },
    ]);
    expect(await failure(layer(mixed, 2))).toContain(
      'record "00000003": is 1×2×1 (channels×height×width), but its batch is 1×1×1; give all pictures one size',
    );
  });

  it('a record whose bytes do not fit its size, or that is no Datum', async () => {
    const short = await makeDatabase(join(folder, 'short'), [
      { channels: 1, height: 2, width: 2, data: Uint8Array.of(1) },
    ]);
    expect(await failure(layer(short, 1))).toBe(
      `${short}: layer "data" (Data): record "00000000": holds 1 bytes, but says 1×2×2 (4); make the database again with convert_imageset`,
    );
  });

  it('a damaged page, however far on', async () => {
    const path = await makeDatabase(
      join(folder, 'page'),
      Array.from({ length: 40 }, (_, i) => ({
        channels: 1,
        height: 60,
        width: 60,
        data: new Uint8Array(3600),
        label: i,
      })),
    );
    const file = join(path, 'data.mdb');
    const bytes = readFileSync(file);
    const at = Math.floor(bytes.length / 4096 / 2) * 4096;
    bytes[at + 10] = 0x51; // flags of an overflow page
    writeFileSync(file, bytes);
    expect(await failure(layer(path, 3))).toMatch(
      /page\/data\.mdb: layer "data" \(Data\): record "000000\d\d": the LMDB file is damaged: page \d+ is no overflow page \(flags 0x51\); copy the database again/,
    );
  });

  it('a crop larger than the picture, a mean of another size, a mean file that is missing', async () => {
    const path = await source;
    expect(await failure(layer(path, 1, '', 'crop_size: 2'))).toContain(
      'transform_param.crop_size asks for 2×2 pixels of a picture of 1×1 (height×width)',
    );
    expect(await failure(layer(path, 1, '', `mean_file: "${folder}/no.binaryproto"`))).toContain(
      `${folder}/no.binaryproto: layer "data" (Data): does not exist`,
    );
  });
});
