import { describe, expect, it } from 'vitest';
import { absent, bytesOfShared, filesBelow } from '../../test/materials.ts';
import { blobShape, blobValues, CaffeError, decode, encode, type Messages, readWeights } from '../index.ts';

const types: Record<string, keyof Messages> = {
  caffemodel: 'NetParameter',
  solverstate: 'SolverState',
  binaryproto: 'BlobProto',
};
const endings = Object.keys(types).map((ending) => `.${ending}`);
const files = [...filesBelow('models', endings), ...filesBelow('golden', endings)].filter(
  (file) => !file.includes('broken'),
);
const typeOfFile = (file: string) => types[file.split('.').at(-1)!]!;

describe.skipIf(absent('models') || absent('golden'))(
  'binary files written by real Caffes (skipped where ../shared is absent)',
  () => {
    it('are there', () => expect(files.length).toBeGreaterThan(60));

    it.each(files)('%s comes back byte by byte', (file) => {
      const bytes = bytesOfShared(file);
      expect(Buffer.compare(encode(typeOfFile(file), decode(typeOfFile(file), bytes)), bytes)).toBe(0);
    });

    it.each(files.filter((file) => file.endsWith('.caffemodel')))(
      '%s: every blob has the values of its shape',
      (file) => {
        const net = readWeights(bytesOfShared(file), { file });
        let count = 0;
        for (const blob of net.layer.flatMap((layer) => layer.blobs)) {
          const values = blobValues(blob) as Float32Array;
          expect(values.length).toBe(blobShape(blob).reduce((a, b) => a * b, 1));
          expect(values.every(Number.isFinite)).toBe(true);
          count += values.length;
        }
        expect(count).toBeGreaterThan(0);
      },
    );

    it('has the means of the ImageNet mean file', () => {
      const expected = JSON.parse(Buffer.from(bytesOfShared('models/binaryproto/expected.json')).toString());
      const blob = decode('BlobProto', bytesOfShared('models/binaryproto/imagenet_256x256_mean.binaryproto'));
      const values = blobValues(blob) as Float32Array;
      expect(blobShape(blob)).toEqual(expected.shape);
      const area = expected.shape[2] * expected.shape[3];
      expected.channel_means.forEach((mean: number, c: number) => {
        const sum = values.subarray(c * area, (c + 1) * area).reduce((a, b) => a + b, 0);
        expect(sum / area).toBeCloseTo(mean, 6);
      });
      expect([...values.subarray(0, 5)]).toEqual(expected.first);
      expect([...values.subarray(-5)]).toEqual(expected.last);
    });
  },
);

describe.skipIf(absent('models', 'broken'))('files that are not what their name says', () => {
  it.each([
    ['html_page', 'is an HTML page'],
    [
      'lfs_pointer',
      'is a Git LFS pointer (134 bytes), not the file itself (124405906 bytes); run "git lfs pull" in its repository, or download the file itself',
    ],
    ['text_note', 'is a text file ("// Add caffemodel here"), not a binary message; get the binary file itself'],
    [
      'truncated_res10',
      'is truncated or damaged: at byte 856150 of 1630208, a field of 1179815 bytes begins here, but only 774055 bytes remain (reading NetParameter); download or write the file again, and check its size',
    ],
  ])('%s.caffemodel is named as such', (name, words) => {
    const file = `models/broken/${name}.caffemodel`;
    const read = () => readWeights(bytesOfShared(file), { file: 'x.caffemodel' });
    expect(read).toThrow(CaffeError);
    expect(read).toThrow(`x.caffemodel: ${words}`);
  });

  it('so is a real model cut at any place: 40 cuts', () => {
    const whole = bytesOfShared('models/lenet_v1/lenet_v1.caffemodel');
    for (let i = 1; i < 40; i++) {
      const cut = Math.floor((whole.length * i) / 40);
      expect(() => readWeights(whole.subarray(0, cut), { file: 'cut' })).toThrow(
        /^cut: is truncated or damaged: at byte \d+ of/,
      );
    }
  });
});
