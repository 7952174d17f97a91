import { readFile } from 'node:fs/promises';
import { CaffeError } from '@jacinto/proto/errors';
import { ioError } from '@jacinto/proto/node';
import { type JpegPicture, openJpeg } from '../jpeg/jpeg-picture.ts';
import { decodeBmp } from './bmp.ts';
import type { Image } from './image.ts';
import { jpegFrame, lumaOnly } from './jpeg-luma.ts';
import { sharpLibrary } from './sharp-library.ts';

/** Pixels of a JPEG up to which decoding it at once takes less time than handing it to another thread. */
const mostAtOnce = 128 * 128;

/** 'color': 3 channels B,G,R; 'gray': 1 channel; 'native': 1 where the file is grey, else 3. */
export type ColorMode = 'color' | 'gray' | 'native';

export interface DecodeImageOptions {
  /** Default 'color'. */
  mode?: ColorMode;
  /** Turns the picture as its EXIF orientation says, as OpenCV's imread does. Default true. */
  orient?: boolean;
}

/**
 * Decodes a JPEG, PNG, WebP, TIFF, GIF or BMP file to the values that OpenCV's imdecode gives: B,G,R, no colour
 * profile applied, alpha dropped, 16 bits cut to 8, a JPEG's grey its stored luma.
 * @throws CaffeError 'bad-data' where it is no picture, or a damaged one.
 */
export async function decodeImage(bytes: Uint8Array, options: DecodeImageOptions = {}): Promise<Image> {
  const jpeg = openAtOnce(bytes, options);
  const isSmall = jpeg !== undefined && jpeg.height * jpeg.width <= mostAtOnce;
  return (isSmall ? jpeg.image() : undefined) ?? (await decodeBySharp(bytes, options));
}

/** A sequential JPEG, which can be decoded at once on this thread; undefined where `decodeImage` must be asked. */
export function openAtOnce(bytes: Uint8Array, options: DecodeImageOptions = {}): JpegPicture | undefined {
  return isJpeg(bytes) ? openJpeg(bytes, options.mode ?? 'color', options.orient ?? true) : undefined;
}

async function decodeBySharp(bytes: Uint8Array, { mode = 'color', orient = true }: DecodeImageOptions): Promise<Image> {
  if (bytes[0] === 0x42 && bytes[1] === 0x4d) {
    const image = decodeBmp(bytes);
    if (typeof image === 'string') throw undecodable(image);
    return inMode(image, mode, greyOfColor);
  }
  const frame = isJpeg(bytes) ? jpegFrame(bytes) : undefined;
  if (frame?.components === 4) {
    const ink = await rawPixels(bytes, orient, 'cmyk');
    return inMode(fromCmyk(ink, frame.isAdobe), mode, greyOfCmyk);
  }
  const luma = mode === 'gray' && isJpeg(bytes) ? lumaOnly(bytes) : undefined;
  const raw = await rawPixels(luma ?? bytes, orient);
  const isGrey = luma !== undefined || (mode !== 'color' && (await isGreyFile(bytes)));
  if (isGrey) return { ...raw, channels: 1, data: everyNth(raw.data, raw.channels) };
  return inMode(fromRgb(raw), mode, isPng(bytes) ? greyOfPng : greyOfColor);
}

/** Reads and decodes a file. @throws CaffeError 'missing', 'io' or 'bad-data' naming it. */
export async function readImage(path: string, options: DecodeImageOptions = {}): Promise<Image> {
  const bytes = await readImageBytes(path);
  try {
    return await decodeImage(bytes, options);
  } catch (error) {
    throw error instanceof CaffeError ? error.with({ file: path }) : error;
  }
}

/** The bytes of an image file. @throws CaffeError 'missing' or 'io' naming it. */
export async function readImageBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw ioError(error, path, 'read');
  }
}

function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8;
}

function isPng(bytes: Uint8Array): boolean {
  return bytes[0] === 0x89 && bytes[1] === 0x50;
}

/** Whether a file holds grey values only (libvips hands out three equal channels). */
async function isGreyFile(bytes: Uint8Array): Promise<boolean> {
  if (isJpeg(bytes)) return jpegFrame(bytes)?.components === 1;
  if (isPng(bytes)) return bytes[25] === 0; // colour type in the header: grey without alpha
  const sharp = await sharpLibrary();
  const { space } = await sharp(bytes).metadata();
  return space === 'b-w' || space === 'grey16';
}

async function rawPixels(bytes: Uint8Array, orient: boolean, space: 'srgb' | 'cmyk' = 'srgb'): Promise<Image> {
  const sharp = await sharpLibrary();
  try {
    const pipeline = sharp(bytes, { ignoreIcc: true, failOn: 'error', autoOrient: orient, sequentialRead: !orient });
    if (space === 'cmyk') pipeline.pipelineColourspace('cmyk').toColourspace('cmyk');
    const { data, info } = await pipeline.raw().toBuffer({ resolveWithObject: true });
    return { height: info.height, width: info.width, channels: info.channels, data };
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.replace(/\s+/g, ' ') : String(cause);
    throw undecodable(bytes.length === 0 ? 'the picture has no bytes' : said, cause);
  }
}

function undecodable(said: string, cause?: unknown): CaffeError {
  return new CaffeError(
    {
      code: 'bad-data',
      problem: `cannot be decoded as a picture (${said})`,
      fix: 'replace it by a whole JPEG, PNG, WebP, TIFF or BMP file, or leave it out',
    },
    { cause },
  );
}

/** R,G,B(,A) → B,G,R; grey stays; grey with alpha becomes B,G,R, as in OpenCV. */
function fromRgb({ height, width, channels, data }: Image): Image {
  if (channels === 1) return { height, width, channels, data };
  const out = new Uint8Array(height * width * 3);
  const [r, g, b] = channels === 2 ? [0, 0, 0] : [0, 1, 2];
  for (let from = 0, to = 0; to < out.length; from += channels, to += 3) {
    out[to] = data[from + b]!;
    out[to + 1] = data[from + g]!;
    out[to + 2] = data[from + r]!;
  }
  return { height, width, channels: 3, data: out };
}

/** OpenCV's own conversion, without a profile. libvips turns round the inks of files with Adobe's marker. */
function fromCmyk({ height, width, data }: Image, isTurned: boolean): Image {
  const out = new Uint8Array(height * width * 3);
  const ink = (at: number): number => (isTurned ? 255 - data[at]! : data[at]!);
  for (let from = 0, to = 0; to < out.length; from += 4, to += 3) {
    const black = ink(from + 3);
    for (let c = 0; c < 3; c++) out[to + 2 - c] = black - (((255 - ink(from + c)) * black) >> 8);
  }
  return { height, width, channels: 3, data: out };
}

function everyNth(data: Uint8Array, step: number): Uint8Array {
  if (step === 1) return data;
  return Uint8Array.from({ length: data.length / step }, (_, i) => data[i * step]!);
}

type Grey = (b: number, g: number, r: number) => number;
/** OpenCV's cvtColor. */
const greyOfColor: Grey = (b, g, r) => (3735 * b + 19235 * g + 9798 * r + 16384) >> 15;
/** OpenCV's JPEG reader for four inks. */
const greyOfCmyk: Grey = (b, g, r) => (1868 * b + 9617 * g + 4899 * r + 8192) >> 14;
/** libpng's own conversion, which OpenCV asks for. */
const greyOfPng: Grey = (b, g, r) => (b === g && g === r ? r : (3737 * b + 19234 * g + 9797 * r) >> 15);

function inMode(image: Image, mode: ColorMode, grey: Grey): Image {
  const { height, width, data } = image;
  if (mode === 'gray' && image.channels === 3) {
    const out = new Uint8Array(height * width);
    for (let i = 0, at = 0; i < out.length; i++, at += 3) out[i] = grey(data[at]!, data[at + 1]!, data[at + 2]!);
    return { height, width, channels: 1, data: out };
  }
  if (mode === 'color' && image.channels === 1) {
    const out = new Uint8Array(height * width * 3);
    for (let i = 0, at = 0; i < data.length; i++, at += 3) out.fill(data[i]!, at, at + 3);
    return { height, width, channels: 3, data: out };
  }
  return image;
}
