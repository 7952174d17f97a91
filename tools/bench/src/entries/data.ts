import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '@jacinto/caffe';
import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { datumOfFile, decodeImage, encodeDatum, LmdbWriter } from '@jacinto/data';
import { Net } from '@jacinto/net';
import { Phase, parseText } from '@jacinto/proto';
import sharp from 'sharp';
import { verify } from '../check.ts';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { measure, type Subject } from '../measure.ts';
import { startPython } from '../peers/python.ts';
import { jpegPictures, type PictureSize } from '../pictures.ts';

const batch = 32;
const crop = 224;
/** At least as many batches as the Data layer makes in advance. */
const prefetched = 8;
const means = [104, 117, 123];
const sizes: readonly (PictureSize & { images: number })[] = [
  { width: 256, height: 256, images: 128 },
  { width: 500, height: 375, images: 64 },
];

/** JPEG records of an LMDB to transformed batches, in images a second. */
export const data: BenchEntry = {
  name: 'data',
  description: `an LMDB of JPEG pictures to batches of ${batch} (crop ${crop}, mirror, mean), beside decoding alone`,
  async run(context) {
    const backend = await createCpuBackend();
    const rows: Row[] = [];
    try {
      for (const size of sizes) {
        const work = `${size.width}×${size.height}, a batch of ${batch}`;
        if (work.includes(context.only ?? '')) rows.push(...(await measureSize(work, size, backend, context)));
      }
    } finally {
      await backend.dispose();
    }
    return {
      rows,
      notes: [
        `${backend.threads} threads`,
        'cv2.imdecode and sharp decode only; the Data layer reads, crops, mirrors, too.',
      ],
    };
  },
};

async function measureSize(
  work: string,
  size: (typeof sizes)[number],
  backend: Backend,
  context: BenchContext,
): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-'));
  try {
    context.progress(`${work}: writing ${size.images} pictures`);
    const files = await jpegPictures(size, size.images);
    writeDatabase(join(folder, 'lmdb'), files);
    const test = await netOf(folder, backend, Phase.TEST);
    await test.forward();
    await verifyFirst(size, files[0]!, test.blob('data').data.hostRead());
    await test.dispose();
    const train = await netOf(folder, backend, Phase.TRAIN);
    const subjects: Subject[] = [
      {
        name: 'jacinto Data layer',
        run: async () => void (await train.forward()),
        async before() {
          for (let i = 0; i < prefetched; i++) await train.forward(); // what it decoded in the others' turns
        },
      },
      ...sharpSubjects(files),
    ];
    writeFileSync(join(folder, 'pictures'), Buffer.concat(files));
    const lengths = files.map(({ length }) => length).join();
    const cv = await startPython(
      'decode.py',
      [String(backend.threads), join(folder, 'pictures'), lengths],
      backend.threads,
    );
    if (!('absent' in cv)) {
      await verifyDecoding(files[0]!, cv.hello['mean'] as number);
      subjects.push(cv.subject('cv2.imdecode', { batch }));
    }
    const seconds = await measure(subjects, { rounds: context.rounds ?? 7, sampleSeconds: 0.4, rest: 250 });
    await train.dispose();
    if (!('absent' in cv)) cv.end();
    return rowsOf(work, seconds, 'absent' in cv ? cv.absent : undefined);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function sharpSubjects(files: readonly Buffer[]): Subject[] {
  let next = 0;
  const decode = () =>
    sharp(files[next++ % files.length]!)
      .raw()
      .toBuffer();
  return [
    { name: 'sharp, all cores', run: async () => void (await Promise.all(Array.from({ length: batch }, decode))) },
    {
      name: 'sharp, one by one',
      async run() {
        for (let i = 0; i < batch; i++) await decode();
      },
    },
  ];
}

function rowsOf(work: string, seconds: ReadonlyMap<string, number>, absent: string | undefined): Row[] {
  const against = seconds.has('cv2.imdecode') ? 'cv2.imdecode' : 'sharp, all cores';
  const base = seconds.get(against)!;
  const rows: Row[] = [...seconds].map(([subject, time]) => ({
    ...{ work, subject, seconds: time, rate: batch / time, unit: 'images/s' },
    ...(subject !== against && { ratio: base / time, against }),
    ...(subject.startsWith('jacinto') && absent === undefined && { goal: 0.9 }),
  }));
  return absent === undefined ? rows : [...rows, { work, subject: 'cv2.imdecode', note: absent }];
}

function writeDatabase(path: string, files: readonly Buffer[]): void {
  const writer = new LmdbWriter(path, { create: true });
  for (const [i, file] of files.entries()) {
    writer.put(new TextEncoder().encode(String(i).padStart(8, '0')), encodeDatum(datumOfFile(file, i % 10)));
  }
  writer.commit();
  writer.close();
}

function netOf(folder: string, backend: Backend, phase: number): Promise<Net> {
  const text = `layer {
    name: "data" type: "Data" top: "data" top: "label"
    transform_param { crop_size: ${crop} mirror: ${phase === Phase.TRAIN} ${means.map((mean) => `mean_value: ${mean}`).join(' ')} }
    data_param { source: "lmdb" batch_size: ${batch} backend: LMDB threads: ${backend.threads} }
  }`;
  const options = { backend, registry: createRegistry(), phase, seed: 1, baseFolder: folder };
  return Net.create(parseText('NetParameter', text), options);
}

/** The first picture of a TEST batch: its centre, planes of B, G, R, the mean subtracted. */
async function verifyFirst({ width, height }: PictureSize, file: Buffer, values: Float32Array): Promise<void> {
  const { data: pixels } = await decodeImage(file);
  const [left, top] = [width, height].map((length) => Math.floor((length - crop) / 2));
  const expected = new Float32Array(3 * crop * crop);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < crop; y++) {
      for (let x = 0; x < crop; x++) {
        const pixel = pixels[((y + top!) * width + x + left!) * 3 + c]!;
        expected[(c * crop + y) * crop + x] = pixel - means[c]!;
      }
    }
  }
  verify('the first picture', values.subarray(0, expected.length), expected, 0);
}

/** Decoders differ by a step here and there, not in the mean of a picture. */
async function verifyDecoding(file: Buffer, mean: number): Promise<void> {
  const { data: pixels } = await decodeImage(file);
  const own = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  verify('mean of the first picture by cv2', [mean], [own], 2e-3);
}
