import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeImage, encodeImage, openDatabase, readDatum, resize } from '@jacinto/data';
import { beforeAll, describe, expect, it } from 'vitest';
import { convertImagesetTool } from './cli/convert-imageset.ts';
import { type ConvertEvent, convertImageset } from './convert-imageset.ts';
import { called } from './testing/called.ts';
import { hasShared, shared, temporaryFolder, unpackCifar } from './testing/shared.ts';

const folder = temporaryFolder();
const at = (...parts: string[]) => join(folder, ...parts);

async function records(path: string, backend: 'lmdb' | 'leveldb' = 'lmdb'): Promise<[string, Buffer][]> {
  const reader = await openDatabase(path, backend, 'read');
  const cursor = reader.cursor();
  const all: [string, Buffer][] = [];
  for (let record = await cursor.next(); record !== undefined; record = await cursor.next()) {
    all.push([Buffer.from(record.key).toString(), Buffer.from(record.value)]);
  }
  await cursor.close();
  await reader.close();
  return all;
}

function list(name: string, lines: readonly string[]): string {
  writeFileSync(at(name), lines.map((line) => `${line}\n`).join(''));
  return at(name);
}

describe.skipIf(!hasShared('golden/files') || !hasShared('data/cifar10-train.zip'))(
  'against Caffe’s own output',
  () => {
    const files = shared('golden/files');
    let first64: string;

    beforeAll(() => {
      const lines = readFileSync(join(files, 'list.txt'), 'utf8').trimEnd().split('\n');
      unpackCifar(
        folder,
        lines.map((line) => line.split(' ')[0]!),
      );
      first64 = list('first64.txt', lines.slice(0, 64));
    });

    it.each([
      ['cifar256_lmdb', 'lmdb', []],
      ['cifar256_leveldb', 'leveldb', ['--backend=leveldb', '--noshuffle', '-check_size']],
      ['cifar64_gray20x24_lmdb', 'lmdb', ['--gray', '--resize_height', '20', '--resize_width=24']],
      ['cifar64_jpeg_lmdb', 'lmdb', ['--encoded', '--encode_type=jpg']],
    ] as const)('%s: the same keys and values, to the byte', async (name, backend, flags) => {
      const source = name.includes('256') ? join(files, 'list.txt') : first64;
      const made = await called(convertImagesetTool, ...flags, `${folder}/`, source, at(name));
      const count = name.includes('256') ? 256 : 64;
      expect(made.code).toBe(0);
      expect(made.lines).toEqual([
        `I convert_imageset.cpp:89] A total of ${count} images.`,
        `I db_${backend}.cpp:35] Opened ${backend} ${at(name)}`,
        `I convert_imageset.cpp:153] Processed ${count} files.`,
      ]);
      const [mine, caffe] = [await records(at(name), backend), await records(join(files, name), backend)];
      expect(mine.map(([key]) => key)).toEqual(caffe.map(([key]) => key));
      for (const [i, [key, value]] of mine.entries()) expect(value.equals(caffe[i]![1]), key).toBe(true);
    });
  },
);

describe('options', () => {
  beforeAll(async () => {
    mkdirSync(at('pictures'));
    for (let i = 0; i < 6; i++) {
      const data = Uint8Array.from({ length: 5 * 4 * 3 }, (_, k) => (k * 17 + i * 40) % 256);
      writeFileSync(at('pictures', `${i}.png`), await encodeImage({ height: 5, width: 4, channels: 3, data }, 'png'));
    }
    const small = { height: 2, width: 2, channels: 3, data: new Uint8Array(12) };
    writeFileSync(at('pictures', 'small.png'), await encodeImage(small, 'png'));
    writeFileSync(at('pictures', 'broken.jpg'), 'no jpeg');
    writeFileSync(at('pictures', 'noextension'), readFileSync(at('pictures', '0.png')));
  });

  const root = () => `${at('pictures')}/`;
  const six = () =>
    list(
      'six.txt',
      [0, 1, 2, 3, 4, 5].map((i) => `${i}.png ${i}`),
    );

  it('--shuffle: keys count the lines of the new order; one seed gives one order', async () => {
    const order = async (name: string, seed: number) => {
      const { code, lines } = await called(
        convertImagesetTool,
        '-shuffle',
        `-random_seed=${seed}`,
        root(),
        six(),
        at(name),
      );
      expect([code, lines[0]]).toEqual([0, 'I convert_imageset.cpp:84] Shuffling data']);
      return (await records(at(name))).map(([key]) => key);
    };
    const keys = await order('shuffled', 3);
    expect(keys.map((key) => key.slice(0, 9))).toEqual([0, 1, 2, 3, 4, 5].map((i) => `0000000${i}_`));
    expect(keys.map((key) => key.slice(9)).sort()).toEqual(['0.png', '1.png', '2.png', '3.png', '4.png', '5.png']);
    expect(await order('again', 3)).toEqual(keys);
    expect(await order('other', 4)).not.toEqual(keys);
  });

  it('leaves out what cannot be read, saying so; the line’s number stays in the key', async () => {
    const source = list('holes.txt', ['0.png 0', 'none.png 1', 'broken.jpg 2', '3.png 3']);
    const { code, lines } = await called(convertImagesetTool, root(), source, at('holes'));
    expect(code).toBe(0);
    expect(lines.slice(2)).toEqual([
      `E io.cpp:85] Could not open or find file ${root()}none.png: ${root()}none.png: does not exist; check the path (it is relative to the current folder)`,
      `E io.cpp:85] Could not open or find file ${root()}broken.jpg: ${root()}broken.jpg: cannot be decoded as a picture (Input buffer contains unsupported image format); replace it by a whole JPEG, PNG, WebP, TIFF or BMP file, or leave it out`,
      'I convert_imageset.cpp:153] Processed 2 files.',
    ]);
    expect((await records(at('holes'))).map(([key]) => key)).toEqual(['00000000_0.png', '00000003_3.png']);
  });

  it('commits every thousand', async () => {
    const source = list(
      'many.txt',
      Array.from({ length: 2001 }, (_, i) => `small.png ${i}`),
    );
    const events: ConvertEvent[] = [];
    expect(await convertImageset({ root: root(), list: source, database: at('many') }, (e) => events.push(e))).toBe(
      2001,
    );
    expect(events.flatMap((event) => (event.type === 'processed' ? [event.files] : []))).toEqual([1000, 2000, 2001]);
    expect(events.filter(({ type }) => type === 'progress').length).toBe(2001);
    expect((await records(at('many'))).length).toBe(2001);
  });

  it('--encoded keeps files as they are, and encodes anew what is resized, grey or of another type', async () => {
    const source = list('two.txt', ['1.png 7']);
    const first = async (name: string, ...flags: string[]) => {
      const { code } = await called(convertImagesetTool, ...flags, root(), source, at(name));
      expect(code).toBe(0);
      return readDatum((await records(at(name)))[0]![1]);
    };
    const file = readFileSync(at('pictures', '1.png'));
    const kept = await first('kept', '--encoded');
    expect(Buffer.from(kept.data!).equals(file)).toBe(true);
    expect([kept.encoded, kept.label, kept.height]).toEqual([true, 7, undefined]);
    const image = await decodeImage(file);
    const resized = await first('resized', '--encoded', '--resize_height=3', '--resize_width=6');
    expect(await decodeImage(resized.data!)).toEqual(resize(image, 3, 6));
    const grey = await first('grey', '--encode_type=png', '--gray');
    expect(await decodeImage(grey.data!, { mode: 'native' })).toEqual(await decodeImage(file, { mode: 'gray' }));
    const jpeg = await first('jpeg', '--encode_type=jpg');
    expect([...jpeg.data!.subarray(0, 2)]).toEqual([0xff, 0xd8]);
  });

  it('warns where a name does not tell how to encode, and stores pixels', async () => {
    const source = list('plain.txt', ['noextension 1']);
    const { code, lines } = await called(convertImagesetTool, '--encoded', root(), source, at('plain'));
    expect([code, lines[2]]).toEqual([
      0,
      `W convert_imageset.cpp:119] Failed to guess the encoding of '${root()}noextension'`,
    ]);
    expect(readDatum((await records(at('plain')))[0]![1]).encoded).toBe(false);
  });

  it.each<[string, string[], string]>([
    ['a size that differs', ['--check_size'], 'mixed.txt:2: record "small.png": gives a record of'],
    ['an unknown encoding', ['--encode_type=gif89'], 'encode_type "gif89" is not known'],
    ['an unknown backend', ['--backend=lmbd'], 'backend "lmbd" is not known; did you mean "lmdb"?'],
    ['an unknown flag', ['--resize_heigth=3'], 'flag "resize_heigth" is not known; did you mean --resize_height?'],
  ])('%s is one error, exit code 1', async (name, flags, words) => {
    const source = list('mixed.txt', ['0.png 0', 'small.png 1']);
    const { code, lines } = await called(convertImagesetTool, ...flags, root(), source, at(`error ${name}`));
    expect(code).toBe(1);
    expect(lines.at(-1)).toContain('E convert_imageset.cpp:0]');
    expect(lines.at(-1)).toContain(words);
  });

  it('a list that is missing or wrong, a database that exists, and nothing readable', async () => {
    const say = async (...args: string[]) => {
      const { code, lines } = await called(convertImagesetTool, ...args);
      expect(code).toBe(1);
      return lines.at(-1)!.replace('E convert_imageset.cpp:0] ', '');
    };
    expect(await say(root(), at('no.txt'), at('x'))).toContain(`${at('no.txt')}: does not exist`);
    expect(await say(root(), list('bad.txt', ['0.png zero']), at('x'))).toBe(
      `${at('bad.txt')}:1: "0.png zero" is not of the form "path label"; write the path, a space and a whole number`,
    );
    mkdirSync(at('taken'));
    expect(await say(root(), six(), at('taken'))).toBe(
      `${at('taken')}: exists already; delete it first, or choose another name`,
    );
    expect(await say(at('pictures'), six(), at('no slash'))).toBe(
      `${at('six.txt')}: no image of the list can be read; see that ROOTFOLDER ends with a slash and that the names of the list are seen from there`,
    );
  });

  it('prints the usage for a wrong number of arguments', async () => {
    const { code, stdout } = await called(convertImagesetTool, root());
    expect(code).toBe(1);
    expect(stdout).toContain('convert_imageset [FLAGS] ROOTFOLDER/ LISTFILE DB_NAME');
    expect(stdout).toContain('-resize_width (Width images are resized to)');
  });
});
