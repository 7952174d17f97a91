import {
  type ColorMode,
  type DatabaseBackend,
  type DatabaseWriter,
  datumOfFile,
  datumOfImage,
  decodeImage,
  encodeDatum,
  encodeImage,
  encodingOf,
  extensionOf,
  type Image,
  type ImageListLine,
  openDatabase,
  RecordRandom,
  readImageList,
  resize,
} from '@jacinto/data';
import { CaffeError } from '@jacinto/proto/errors';
import { readBytes } from '@jacinto/proto/node';

export interface ConvertImagesetOptions {
  /** Put in front of every name of the list, as it is: give it its slash. */
  root: string;
  /** `path label` a line. */
  list: string;
  /** Folder of the database; it must not exist. */
  database: string;
  /** Default 'lmdb'. */
  backend?: DatabaseBackend;
  gray?: boolean;
  shuffle?: boolean;
  /** Seed of `shuffle`; default another one each time. */
  seed?: number;
  /** Size in pixels to resize to; 0 or below: none. */
  resizeWidth?: number;
  resizeHeight?: number;
  /** All records must have the same size in bytes. */
  checkSize?: boolean;
  /** Store image files instead of pixels. */
  encoded?: boolean;
  /** 'png', 'jpg' …; '': that of each file's name. */
  encodeType?: string;
}

export type ConvertEvent =
  | { type: 'shuffling' }
  | { type: 'total'; images: number }
  | { type: 'assuming-encoded' }
  | { type: 'opened'; database: string; backend: DatabaseBackend }
  /** A picture that cannot be read; it is left out. */
  | { type: 'unreadable'; file: string; error: CaffeError }
  | { type: 'unknown-encoding'; file: string }
  /** After each picture. */
  | { type: 'progress'; done: number; images: number }
  /** After each commit. */
  | { type: 'processed'; files: number };

/** Records a commit. */
const batch = 1000;
/** Pictures being decoded at a time. */
const window = 32;

/**
 * Makes a database of the images of a list (Caffe: convert_imageset). Key: the line's number in eight digits, `_`, and
 * the name. @returns How many records were written. @throws CaffeError where the list, the database or a size is wrong,
 * or no picture at all can be read.
 */
export async function convertImageset(
  options: ConvertImagesetOptions,
  onEvent: (event: ConvertEvent) => void = () => {},
): Promise<number> {
  const lines = readImageList(options.list);
  const encodeType = (options.encodeType ?? '') === '' ? '' : encodingOf(options.encodeType!);
  if (options.shuffle === true) {
    onEvent({ type: 'shuffling' });
    shuffle(lines, options.seed ?? Math.floor(Math.random() * 2 ** 32));
  }
  onEvent({ type: 'total', images: lines.length });
  const encoded = options.encoded === true || encodeType !== '';
  if (encoded && options.encoded !== true) onEvent({ type: 'assuming-encoded' });
  const { database, backend = 'lmdb' } = options;
  const writer = await openDatabase(database, backend, 'new');
  try {
    onEvent({ type: 'opened', database, backend });
    const written = await writeRecords(lines, { ...options, encoded, encodeType }, writer, onEvent);
    if (written === 0) {
      const fix = 'see that ROOTFOLDER ends with a slash and that the names of the list are seen from there';
      throw new CaffeError({ code: 'bad-data', file: options.list, problem: 'no image of the list can be read', fix });
    }
    return written;
  } finally {
    await writer.close();
  }
}

function shuffle(lines: ImageListLine[], seed: number): void {
  const order = new RecordRandom(seed, 0, 0).permutation(lines.length);
  const shuffled = Array.from(order, (index) => lines[index]!);
  for (const [i, line] of shuffled.entries()) lines[i] = line;
}

/** Decodes a window of pictures at a time, writes them in order. */
async function writeRecords(
  lines: readonly ImageListLine[],
  options: ConvertImagesetOptions,
  writer: DatabaseWriter,
  onEvent: (event: ConvertEvent) => void,
): Promise<number> {
  const pending: Promise<Uint8Array | CaffeError>[] = [];
  let next = 0;
  let written = 0;
  let size: number | undefined;
  for (const [i, line] of lines.entries()) {
    while (next < lines.length && next < i + window) {
      const record = recordOf(lines[next++]!, options, onEvent);
      record.catch(() => {}); // it is awaited in its turn, unless another one fails first
      pending.push(record);
    }
    const record = await pending.shift()!;
    if (record instanceof CaffeError) {
      onEvent({ type: 'unreadable', file: options.root + line.name, error: record });
    } else {
      if (options.checkSize === true) size = checkedSize(record, size, line, options);
      writer.put(Buffer.from(`${String(i).padStart(8, '0')}_${line.name}`), record);
      written++;
      if (written % batch === 0) await commit(writer, written, onEvent);
    }
    onEvent({ type: 'progress', done: i + 1, images: lines.length });
  }
  if (written % batch !== 0) await commit(writer, written, onEvent);
  return written;
}

async function commit(writer: DatabaseWriter, files: number, onEvent: (event: ConvertEvent) => void): Promise<void> {
  await writer.commit();
  onEvent({ type: 'processed', files });
}

function checkedSize(
  record: Uint8Array,
  size: number | undefined,
  line: ImageListLine,
  { list }: ConvertImagesetOptions,
): number {
  if (size !== undefined && record.length !== size) {
    throw new CaffeError({
      code: 'bad-data',
      file: list,
      line: line.line,
      record: line.name,
      problem: `gives a record of ${record.length} bytes; those before have ${size}`,
      fix: 'resize all images (--resize_height, --resize_width), or leave out --check_size',
    });
  }
  return record.length;
}

/** The bytes of a record, or why its picture cannot be read. Other errors (an unknown encoding) are thrown. */
async function recordOf(
  { name, label }: ImageListLine,
  options: ConvertImagesetOptions,
  onEvent: (event: ConvertEvent) => void,
): Promise<Uint8Array | CaffeError> {
  const file = options.root + name;
  const mode: ColorMode = options.gray === true ? 'gray' : 'color';
  let bytes: Uint8Array;
  let image: Image;
  try {
    bytes = readBytes(file);
    image = await decodeImage(bytes, { mode });
  } catch (error) {
    if (error instanceof CaffeError) return error.with({ file });
    throw error;
  }
  const height = Math.max(0, options.resizeHeight ?? 0);
  const width = Math.max(0, options.resizeWidth ?? 0);
  const resized = height > 0 && width > 0;
  const encoding = options.encoded === true ? encodingFor(file, options.encodeType ?? '', onEvent) : '';
  if (encoding === '') {
    return encodeDatum(datumOfImage(resized ? resize(image, height, width) : image, label));
  }
  if (!resized && options.gray !== true && extensionOf(file) === encoding)
    return encodeDatum(datumOfFile(bytes, label));
  const picture = resized ? resize(image, height, width) : image;
  return encodeDatum(datumOfFile(await encodeImage(picture, encoding), label));
}

/** The file type to encode to: the one asked for, else that of the name; '' where neither tells. */
function encodingFor(file: string, encodeType: string, onEvent: (event: ConvertEvent) => void): string {
  if (encodeType !== '') return encodeType;
  const extension = extensionOf(file);
  if (extension === '') onEvent({ type: 'unknown-encoding', file });
  return extension;
}
