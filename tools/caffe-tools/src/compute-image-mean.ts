import {
  type DatabaseBackend,
  decodeDatum,
  isEncoded,
  keyText,
  openDatabase,
  planesOf,
  rawValues,
  readDatum,
} from '@jacinto/data';
import { type BlobProto, create, encode } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { writeFileAtomic } from '@jacinto/proto/node';

export interface ComputeImageMeanOptions {
  database: string;
  /** Default 'lmdb'. */
  backend?: DatabaseBackend;
  /** File to write the mean to, a binary BlobProto. */
  output?: string;
}

export type MeanEvent =
  | { type: 'opened'; database: string; backend: DatabaseBackend }
  | { type: 'starting' }
  | { type: 'progress'; done: number; records: number }
  | { type: 'processed'; files: number }
  | { type: 'writing'; file: string }
  | { type: 'channel-means'; means: readonly number[] };

export interface ImageMean {
  /** 1,C,H,W. */
  blob: BlobProto;
  /** Mean of each channel. */
  channelMeans: number[];
}

interface Sum {
  channels: number;
  height: number;
  width: number;
  values: Float32Array;
}

/**
 * The mean picture of a database (Caffe: compute_image_mean): sums in single precision, record after record, divided by
 * their number, so that the values are those of Caffe to the bit.
 * @throws CaffeError where a record has another size than the first or cannot be read.
 */
export async function computeImageMean(
  options: ComputeImageMeanOptions,
  onEvent: (event: MeanEvent) => void = () => {},
): Promise<ImageMean> {
  const { database, backend = 'lmdb', output } = options;
  const reader = await openDatabase(database, backend, 'read');
  try {
    onEvent({ type: 'opened', database, backend });
    const records = await reader.count();
    if (records === 0) {
      const fix = 'fill it with convert_imageset';
      throw new CaffeError({ code: 'bad-data', file: database, problem: 'the database holds no record', fix });
    }
    onEvent({ type: 'starting' });
    const cursor = reader.cursor();
    let sum: Sum | undefined;
    let done = 0;
    for (let record = await cursor.next(); record !== undefined; record = await cursor.next()) {
      try {
        sum = await added(sum, record.value);
      } catch (error) {
        throw error instanceof CaffeError ? error.with({ file: database, record: keyText(record.key) }) : error;
      }
      done++;
      onEvent({ type: 'progress', done, records });
      if (done % 10000 === 0) onEvent({ type: 'processed', files: done });
    }
    await cursor.close();
    if (done % 10000 !== 0) onEvent({ type: 'processed', files: done });
    const mean = meanOf(sum!, done);
    if (output !== undefined) {
      onEvent({ type: 'writing', file: output });
      writeFileAtomic(output, encode('BlobProto', mean.blob));
    }
    onEvent({ type: 'channel-means', means: mean.channelMeans });
    return mean;
  } finally {
    await reader.close();
  }
}

async function added(before: Sum | undefined, bytes: Uint8Array): Promise<Sum> {
  const datum = readDatum(bytes);
  const { channels, height, width, values } = isEncoded(datum) ? await decoded(datum) : rawValues(datum);
  const sum = before ?? { channels, height, width, values: new Float32Array(values.length) };
  if (values.length !== sum.values.length) {
    throw new CaffeError({
      code: 'bad-data',
      problem: `Incorrect data field size ${values.length}: it is ${channels}×${height}×${width}, the first is ${sum.channels}×${sum.height}×${sum.width} (channels×height×width)`,
      fix: 'make the database of images of one size (convert_imageset --resize_height, --resize_width)',
    });
  }
  for (let i = 0; i < values.length; i++) sum.values[i]! += values[i]!;
  return sum;
}

async function decoded(datum: Parameters<typeof decodeDatum>[0]) {
  const image = await decodeDatum(datum);
  return { channels: image.channels, height: image.height, width: image.width, values: planesOf(image) };
}

function meanOf({ channels, height, width, values }: Sum, count: number): ImageMean {
  for (let i = 0; i < values.length; i++) values[i] = values[i]! / count;
  const size = height * width;
  const channelMeans = Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = c * size; i < (c + 1) * size; i++) sum = Math.fround(sum + values[i]!);
    return Math.fround(sum / size);
  });
  return { blob: create('BlobProto', { num: 1, channels, height, width, data: [...values] }), channelMeans };
}
