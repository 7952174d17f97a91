import { CaffeError } from '@jacinto/proto/errors';
import { readBytes } from '@jacinto/proto/node';
import { decodeDatum, isEncoded, labelOf, openDatumAtOnce, rawValues, readDatum } from '../datum/datum.ts';
import type { RecordRef } from '../feed/record-ref.ts';
import { type ColorMode, decodeImage, openAtOnce } from '../image/decode.ts';
import type { Image } from '../image/image.ts';
import { resize } from '../image/resize.ts';
import { dataFileOf, PageFile } from '../lmdb/page-file.ts';
import { readValue } from '../lmdb/reader.ts';
import { RecordRandom } from '../transform/record-random.ts';
import type { TransformSettings } from '../transform/settings.ts';
import { type Transformed, transformImage, transformJpeg, transformValues } from '../transform/transform.ts';

/** How records become values: plain data that can be handed to a worker. */
export interface LoaderSettings {
  /** The database, or the image list, named in errors. */
  source: string;
  transform: TransformSettings;
  /** Seed and stream of the random draws. */
  seed: number;
  stream: number;
  /** How image files of a list are read. */
  image?: ImageSettings;
}

export interface ImageSettings {
  mode: ColorMode;
  /** Size to resize to; 0: as they are. */
  height: number;
  width: number;
  /** Length of the short side to resize to, before height and width; 0: as it is. */
  shortSide: number;
}

export interface LoadedRecord extends Transformed {
  label: number;
  /** Whether it was decoded from an image file. */
  isPicture: boolean;
}

/** Reads, decodes and transforms records. */
export class RecordLoader {
  private readonly settings: LoaderSettings;
  private file: PageFile | undefined;

  constructor(settings: LoaderSettings) {
    this.settings = settings;
  }

  /**
   * One record: at once where no image library is needed, else a promise.
   * @param position Records used before it, which its random draws depend on.
   * @throws CaffeError naming the source and the record.
   */
  load(ref: RecordRef, position: number): LoadedRecord | Promise<LoadedRecord> {
    try {
      const loaded = ref.from === 'file' ? this.loadFile(ref, position) : this.loadValue(this.bytesOf(ref), position);
      if (!(loaded instanceof Promise)) return loaded;
      return loaded.catch((error: unknown) => {
        throw this.placed(error, ref);
      });
    } catch (error) {
      throw this.placed(error, ref);
    }
  }

  close(): void {
    this.file?.close();
    this.file = undefined;
  }

  private bytesOf(ref: Exclude<RecordRef, { from: 'file' }>): Uint8Array {
    if (ref.from === 'bytes') return ref.bytes;
    this.file ??= new PageFile(dataFileOf(this.settings.source));
    return readValue(this.file, { ...ref, key: Buffer.from(ref.key) });
  }

  private loadValue(bytes: Uint8Array, position: number): LoadedRecord | Promise<LoadedRecord> {
    const datum = readDatum(bytes);
    const label = labelOf(datum);
    const random = this.randomOf(position);
    const { transform } = this.settings;
    if (!isEncoded(datum)) return { label, isPicture: false, ...transformValues(transform, rawValues(datum), random) };
    const jpeg = openDatumAtOnce(datum, transform.colorMode);
    const atOnce = jpeg && transformJpeg(transform, jpeg, random);
    if (atOnce !== undefined) return { label, isPicture: true, ...atOnce };
    const transformed = (picture: Image): LoadedRecord => {
      return { label, isPicture: true, ...transformImage(transform, picture, this.randomOf(position)) };
    };
    const image = jpeg?.image();
    return image === undefined ? decodeDatum(datum, transform.colorMode).then(transformed) : transformed(image);
  }

  private loadFile(ref: RecordRef & { from: 'file' }, position: number): LoadedRecord | Promise<LoadedRecord> {
    const { image, transform } = this.settings;
    const { mode } = image!;
    const transformed = (picture: Image): LoadedRecord => {
      const random = this.randomOf(position);
      return { label: ref.label, isPicture: true, ...transformImage(transform, resized(picture, image!), random) };
    };
    const bytes = readBytes(ref.path); // this thread has nothing else to do meanwhile
    const atOnce = openAtOnce(bytes, { mode })?.image();
    return atOnce === undefined ? decodeImage(bytes, { mode }).then(transformed) : transformed(atOnce);
  }

  private randomOf(position: number): RecordRandom {
    return new RecordRandom(this.settings.seed, this.settings.stream, position);
  }

  /** The error with the source and the record it is about. */
  placed(error: unknown, ref: RecordRef): unknown {
    if (!(error instanceof CaffeError)) return error;
    const { source } = this.settings;
    if (ref.from !== 'file') return error.with({ file: source, record: ref.key });
    // The list and its line come first: that is what the user can change.
    return new CaffeError({ ...error.facts, file: source, line: ref.line, record: ref.path }, { cause: error.cause });
  }
}

/** An image in the size that an ImageDataParameter asks for (OpenCV's bilinear resize). */
export function resized(picture: Image, { height, width, shortSide }: ImageSettings): Image {
  let result = picture;
  if (shortSide > 0) {
    const tall = result.height > result.width;
    const long = (side: number, short: number): number => Math.floor((side * shortSide) / short);
    result = tall
      ? resize(result, long(result.height, result.width), shortSide)
      : resize(result, shortSide, long(result.width, result.height));
  } else if (height > 0) {
    result = resize(result, height, width);
  }
  return result;
}
