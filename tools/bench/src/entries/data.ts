import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRegistry } from '@jacinto/caffe';
import { createCpuBackend, RandomStream } from '@jacinto/core-tensor';
import { datumOfFile, decodeImage, encodeDatum, LmdbWriter } from '@jacinto/data';
import { Net } from '@jacinto/net';
import { Phase, parseText } from '@jacinto/proto';
import sharp from 'sharp';
import { verify } from '../check.ts';
import type { BenchEntry, Row } from '../entry.ts';
import { measure, type Subject } from '../measure.ts';

const images = 256;
const batch = 32;
const side = 256;
const crop = 224;

/** JPEG records of an LMDB to transformed batches, in images a second. */
export const data: BenchEntry = {
  name: 'data',
  description: `an LMDB of JPEG pictures (${side}×${side}) to batches of ${batch} (crop ${crop}, mirror, mean)`,
  async run(context) {
    const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-'));
    const backend = await createCpuBackend();
    try {
      context.progress(`writing ${images} pictures`);
      const files = await writeDatabase(join(folder, 'lmdb'));
      const test = await netOf(folder, backend, Phase.TEST);
      await test.forward();
      await verifyFirst(files[0]!, test.blob('data').data.hostRead());
      await test.dispose();
      const train = await netOf(folder, backend, Phase.TRAIN);
      let next = 0;
      const subjects: Subject[] = [
        { name: 'jacinto Data layer', run: async () => void (await train.forward()) },
        {
          name: 'sharp, decoding alone, all cores',
          async run() {
            const chosen = Array.from({ length: batch }, () => files[next++ % images]!);
            await Promise.all(chosen.map((file) => sharp(file).raw().toBuffer()));
          },
        },
        {
          name: 'sharp, decoding alone, one by one',
          async run() {
            for (let i = 0; i < batch; i++)
              await sharp(files[next++ % images]!)
                .raw()
                .toBuffer();
          },
        },
      ];
      const seconds = await measure(subjects, { rounds: 7, sampleSeconds: 0.5 });
      await train.dispose();
      const base = seconds.get(subjects[1]!.name)!;
      const rows: Row[] = [...seconds].map(([subject, time], i) => ({
        ...{ work: `a batch of ${batch}`, subject, seconds: time, rate: batch / time, unit: 'images/s' },
        ...(i === 1 ? {} : { ratio: base / time, against: subjects[1]!.name }),
      }));
      return { rows, notes: [`${backend.threads} cores`] };
    } finally {
      await backend.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Pictures with edges and some grain: soft noise, enlarged, in JPEG quality 90 (about 20 kB each). */
async function writeDatabase(path: string): Promise<Buffer[]> {
  const writer = new LmdbWriter(path, { create: true });
  const random = new RandomStream(9);
  const files: Buffer[] = [];
  for (let i = 0; i < images; i++) {
    const small = 32;
    const pixels = Uint8Array.from({ length: small * small * 3 }, () => random.integer(256));
    const raw = { raw: { width: small, height: small, channels: 3 as const } };
    const file = await sharp(pixels, raw).resize(side, side, { kernel: 'cubic' }).jpeg({ quality: 90 }).toBuffer();
    files.push(file);
    writer.put(new TextEncoder().encode(String(i).padStart(8, '0')), encodeDatum(datumOfFile(file, i % 10)));
  }
  writer.commit();
  writer.close();
  return files;
}

function netOf(folder: string, backend: Awaited<ReturnType<typeof createCpuBackend>>, phase: number): Promise<Net> {
  const text = `layer {
    name: "data" type: "Data" top: "data" top: "label"
    transform_param { crop_size: ${crop} mirror: ${phase === Phase.TRAIN} mean_value: 104 mean_value: 117 mean_value: 123 }
    data_param { source: "lmdb" batch_size: ${batch} backend: LMDB }
  }`;
  const options = { backend, registry: createRegistry(), phase, seed: 1, baseFolder: folder };
  return Net.create(parseText('NetParameter', text), options);
}

/** The first picture of a TEST batch: its centre, planes of B, G, R, the mean subtracted. */
async function verifyFirst(file: Buffer, values: Float32Array): Promise<void> {
  const { data: pixels } = await decodeImage(file);
  const offset = (side - crop) / 2;
  const expected = new Float32Array(3 * crop * crop);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < crop; y++) {
      for (let x = 0; x < crop; x++) {
        const pixel = pixels[((y + offset) * side + x + offset) * 3 + c]!;
        expected[(c * crop + y) * crop + x] = pixel - [104, 117, 123][c]!;
      }
    }
  }
  verify('the first picture', values.subarray(0, expected.length), expected, 0);
}
