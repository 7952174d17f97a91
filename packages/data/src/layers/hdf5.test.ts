import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Phase } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { readHdf5, writeHdf5 } from '../hdf5/hdf5-file.ts';
import { dataNet, forwarded } from '../testing/data-net.ts';
import { temporaryFolder } from '../testing/shared.ts';

const folder = temporaryFolder();

/** Files of rows whose values are 100·file + row, and a list of them. */
async function makeList(name: string, rows: readonly number[]): Promise<string> {
  const paths: string[] = [];
  for (const [f, count] of rows.entries()) {
    const path = join(folder, `${name}${f}.h5`);
    const label = Float32Array.from({ length: count }, (_, row) => 100 * f + row);
    const data = Float32Array.from({ length: 2 * count }, (_, i) => label[i >> 1]! + (i % 2) / 2);
    await writeHdf5(path, { data: { shape: [count, 2], values: data }, label: { shape: [count], values: label } });
    paths.push(path);
  }
  writeFileSync(join(folder, name), `${paths.join('\n')}\n`);
  return join(folder, name);
}

const layer = (source: string, more = '', tops = 'top: "data" top: "label"') =>
  `layer { name: "h" type: "HDF5Data" ${tops} hdf5_data_param { source: "${source}" ${more} } }`;

async function labels(text: string, passes: number, seed = 1): Promise<number[][]> {
  const net = await dataNet(text, { phase: Phase.TRAIN, seed });
  const seen: number[][] = [];
  for (let i = 0; i < passes; i++) seen.push([...(await forwarded(net))['label']!]);
  await net.dispose();
  return seen;
}

describe('HDF5Data', () => {
  it('gives rows file after file, without end', async () => {
    const text = layer(await makeList('two', [3, 2]), 'batch_size: 2');
    const net = await dataNet(text);
    expect(net.blob('data').shape).toEqual([2, 2]);
    const { data, label } = await forwarded(net);
    expect([...data!]).toEqual([0, 0.5, 1, 1.5]);
    expect([...label!]).toEqual([0, 1]);
    await net.dispose();
    expect(await labels(text, 5)).toEqual([
      [0, 1],
      [2, 100],
      [101, 0],
      [1, 2],
      [100, 101],
    ]);
    expect(await labels(layer(await makeList('one', [2]), 'batch_size: 5'), 2)).toEqual([
      [0, 1, 0, 1, 0],
      [1, 0, 1, 0, 1],
    ]);
  });

  it('shuffles files and rows anew each round, the same for one seed', async () => {
    const text = layer(await makeList('many', [4, 4, 4, 4]), 'batch_size: 16 shuffle: true');
    const seen = await labels(text, 3);
    const all = [0, 1, 2, 3].flatMap((file) => [0, 1, 2, 3].map((row) => 100 * file + row));
    for (const round of seen) expect([...round].sort((a, b) => a - b)).toEqual(all);
    expect(seen[0]).not.toEqual(all);
    expect(seen[1]).not.toEqual(seen[0]);
    expect(await labels(text, 3)).toEqual(seen);
    expect(await labels(text, 1, 2)).not.toEqual(seen.slice(0, 1));
  });

  it('goes on exactly from a saved state', async () => {
    const text = layer(await makeList('state', [3, 4]), 'batch_size: 2 shuffle: true');
    const expected = await labels(text, 8);
    const net = await dataNet(text, { phase: Phase.TRAIN });
    for (let i = 0; i < 3; i++) await net.forward();
    const state = JSON.parse(JSON.stringify(net.saveState()));
    await net.dispose();
    const again = await dataNet(text, { phase: Phase.TRAIN });
    again.restoreState(state);
    for (let i = 3; i < 8; i++) expect([...(await forwarded(again))['label']!]).toEqual(expected[i]);
    await again.dispose();
  });

  it('says what is wrong, naming the file', async () => {
    const good = await makeList('good', [2]);
    const failing = (text: string) => expect(dataNet(text)).rejects;
    await failing(layer(good)).toThrow('hdf5_data_param.batch_size is missing; use 1 or more');
    await failing(layer(good, 'batch_size: 1', 'top: "dat"')).toThrow(
      'good0.h5: layer "h" (HDF5Data): has no dataset "dat"; did you mean "data"?',
    );
    await failing(layer(join(folder, 'none'), 'batch_size: 1')).toThrow('none');
    writeFileSync(join(folder, 'empty'), '\n');
    await failing(layer(join(folder, 'empty'), 'batch_size: 1')).toThrow(
      'names no file; write the path of an .h5 file',
    );
    writeFileSync(join(folder, 'gone'), 'gone.h5');
    await failing(layer(join(folder, 'gone'), 'batch_size: 1')).toThrow('gone.h5: layer "h" (HDF5Data): is not there');
    writeFileSync(join(folder, 'text'), good);
    await failing(layer(join(folder, 'text'), 'batch_size: 1')).toThrow('is no HDF5 file, or is cut off');
    await writeHdf5(join(folder, 'odd.h5'), {
      data: { shape: [2], values: Float32Array.of(1, 2) },
      label: { shape: [3], values: Float32Array.of(1, 2, 3) },
    });
    writeFileSync(join(folder, 'odd'), join(folder, 'odd.h5'));
    await failing(layer(join(folder, 'odd'), 'batch_size: 1')).toThrow(
      'the dataset "data" has 2 rows, "label" has 3; all datasets of a file need equally many rows',
    );
    const transform = layer(good, 'batch_size: 1').replace(/}$/, 'transform_param { scale: 2 } }');
    await failing(transform).toThrow('transform_param is given, but HDF5Data transforms nothing');
  });
});

describe('HDF5Output', () => {
  it('writes what it is given, anew each pass', async () => {
    const source = await makeList('out', [4]);
    const file = join(folder, 'written.h5');
    const output = `layer { name: "o" type: "HDF5Output" bottom: "data" bottom: "label" hdf5_output_param { file_name: "${file}" } }`;
    const net = await dataNet(layer(source, 'batch_size: 3') + output);
    await net.forward();
    expect(await readHdf5(file, ['label'])).toEqual([{ shape: [3], values: Float32Array.of(0, 1, 2) }]);
    await net.forward();
    const [data, label] = await readHdf5(file, ['data', 'label']);
    expect(data).toEqual({ shape: [3, 2], values: Float32Array.of(3, 3.5, 0, 0.5, 1, 1.5) });
    expect(label!.values).toEqual(Float32Array.of(3, 0, 1));
    await net.dispose();
    await expect(dataNet(layer(source, 'batch_size: 3') + output.replace(file, ''))).rejects.toThrow(
      'hdf5_output_param.file_name is missing',
    );
    const nowhere = await dataNet(layer(source, 'batch_size: 3') + output.replace(file, join(folder, 'no/x.h5')));
    await expect(async () => nowhere.forward()).rejects.toThrow(
      'no/x.h5: layer "o" (HDF5Output): cannot be written; check that its folder is there and may be written to',
    );
    await nowhere.dispose();
  });
});
