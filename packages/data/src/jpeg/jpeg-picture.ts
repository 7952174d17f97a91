import type { ColorMode } from '../image/decode.ts';
import type { Image } from '../image/image.ts';
import { readJpegHeader } from './header.ts';
import { jpegDecoder } from './jpeg-decoder.ts';
import type { FloatSettings, PictureRequest } from './picture-memory.ts';
import { layoutPlanes, type PixelWindow, samplingOf } from './sampling.ts';

/** Larger pictures are left to libjpeg. */
const mostPixels = 2 ** 25;

/** A JPEG whose headers were read: its size is known, its pixels are not decoded yet. */
export interface JpegPicture {
  height: number;
  width: number;
  channels: number;
  /** Decodes all of it. @returns undefined where the data are damaged. */
  image(): Image | undefined;
  /**
   * Decodes a part.
   * @returns undefined where the data are damaged, else a function that writes its values (byte − mean)·scale, C,H,W.
   */
  values(window: PixelWindow, settings: FloatSettings): ((out: Float32Array, at: number) => void) | undefined;
}

/**
 * A sequential JPEG, to be decoded at once and on this thread, to the values of libjpeg-turbo with its accurate
 * transform and fancy upsampling, which OpenCV uses.
 * @returns undefined where the file is of another kind, or damaged: it is then left to libjpeg.
 */
export function openJpeg(bytes: Uint8Array, mode: ColorMode, orient: boolean): JpegPicture | undefined {
  const header = readJpegHeader(bytes);
  if (header === undefined || header.width * header.height > mostPixels || (orient && header.hasExif)) return undefined;
  const sampling = samplingOf(header.components);
  if (sampling === undefined) return undefined;
  const { height, width } = header;
  const isGrey = mode === 'gray' || (mode === 'native' && header.components.length === 1);
  const channels = isGrey ? 1 : 3;
  const read = (window: PixelWindow): PictureRequest | undefined => {
    const planes = layoutPlanes(header, sampling, window, !isGrey);
    const request = { bytes, header, sampling, planes, window, channels };
    return jpegDecoder().read(request) ? request : undefined;
  };
  return {
    ...{ height, width, channels },
    image: () => {
      const request = read({ top: 0, left: 0, height, width });
      return request && { height, width, channels, data: jpegDecoder().bytes(request) };
    },
    values: (window, settings) => {
      const request = read(window);
      return request && ((out, at) => jpegDecoder().floats(request, settings, out, at));
    },
  };
}
