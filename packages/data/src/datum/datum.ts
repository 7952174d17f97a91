import { CaffeError, create, type Datum, decode, encode, has } from '@jacinto/proto';
import { type ColorMode, decodeImage, openAtOnce } from '../image/decode.ts';
import { type Image, planesOf } from '../image/image.ts';
import type { JpegPicture } from '../jpeg/jpeg-picture.ts';

/** What a record holds: values C,H,W (8-bit, or float32 from float_data), or a decoded picture. */
export interface DatumValues {
  channels: number;
  height: number;
  width: number;
  values: Uint8Array | Float32Array;
}

/** Reads a record. @throws CaffeError 'bad-data' where the bytes are no Datum. */
export function readDatum(bytes: Uint8Array): Datum {
  try {
    return decode('Datum', bytes);
  } catch (cause) {
    throw new CaffeError(
      {
        code: 'bad-data',
        problem: 'is not a Datum message',
        fix: 'make the database with convert_imageset, or use the layer that its records are made for',
      },
      { cause },
    );
  }
}

/** Values of a datum that is not encoded: a view of its bytes. @throws CaffeError 'bad-data' where the sizes do not fit. */
export function rawValues(datum: Datum): DatumValues {
  const { channels = 0, height = 0, width = 0 } = datum;
  const count = channels * height * width;
  const floats = datum.floatData;
  const isFloat = (datum.data?.length ?? 0) === 0 && floats.length > 0;
  const length = isFloat ? floats.length : (datum.data?.length ?? 0);
  if (length !== count || count === 0) {
    throw new CaffeError({
      code: 'bad-data',
      problem: `holds ${length} ${isFloat ? 'numbers' : 'bytes'}, but says ${channels}×${height}×${width} (${count})`,
      fix: 'make the database again with convert_imageset',
    });
  }
  const values = isFloat ? Float32Array.from(floats) : datum.data!;
  return { channels, height, width, values };
}

/**
 * The picture of an encoded datum. JPEGs are not turned by their EXIF orientation (Caffe hands them to libjpeg).
 * @throws CaffeError 'bad-data'.
 */
export function decodeDatum(datum: Datum, mode: ColorMode = 'native'): Promise<Image> {
  return decodeImage(datum.data ?? new Uint8Array(0), { mode, orient: false });
}

/** The picture of a datum that holds a sequential JPEG, to be decoded at once; undefined where `decodeDatum` must be asked. */
export function openDatumAtOnce(datum: Datum, mode: ColorMode = 'native'): JpegPicture | undefined {
  return datum.data === undefined ? undefined : openAtOnce(datum.data, { mode, orient: false });
}

/** Whether a datum holds an image file. */
export function isEncoded(datum: Datum): boolean {
  return datum.encoded === true;
}

/** A raw datum: 8-bit planes in B,G,R order, as convert_imageset writes them. */
export function datumOfImage(image: Image, label: number): Datum {
  const { channels, height, width } = image;
  return create('Datum', { channels, height, width, data: planesOf(image), label, encoded: false });
}

/** A datum that holds an image file as it is. */
export function datumOfFile(bytes: Uint8Array, label: number): Datum {
  return create('Datum', { data: bytes, label, encoded: true });
}

export function encodeDatum(datum: Datum): Uint8Array {
  return encode('Datum', datum);
}

/** The label; 0 where there is none. */
export function labelOf(datum: Datum): number {
  return has(datum, 'label') ? datum.label! : 0;
}
