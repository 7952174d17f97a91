import type { ColorMode } from '../image/decode.ts';
import type { Image } from '../image/image.ts';
import { damaged, EntropyReader, huffmanTable } from './entropy.ts';
import { type JpegComponent, type JpegHeader, readJpegHeader } from './header.ts';
import { inverseTransform } from './idct.ts';
import { doubleBoth, doubleWidth, type Plane } from './upsample.ts';

/** Pixels up to which decoding here takes less time than handing the file to libjpeg-turbo. */
const mostPixels = 128 * 128;

/**
 * Decodes small sequential JPEGs (such as CIFAR's) at once, on this thread, to the values of libjpeg-turbo with its
 * accurate transform and fancy upsampling, which OpenCV uses: its way through libvips takes several times as long.
 * @returns undefined where the file is larger, of another kind, or damaged: it is then left to libjpeg.
 */
export function decodeSmallJpeg(bytes: Uint8Array, mode: ColorMode, orient: boolean): Image | undefined {
  const header = readJpegHeader(bytes);
  if (header === undefined || header.width * header.height > mostPixels || (orient && header.hasExif)) return undefined;
  const sampling = samplingOf(header.components);
  if (sampling === undefined) return undefined;
  let planes: Plane[];
  try {
    planes = readPlanes(bytes, header);
  } catch (error) {
    if (error === damaged) return undefined;
    throw error;
  }
  const { width, height } = header;
  const isGrey = mode === 'gray' || (mode === 'native' && planes.length === 1);
  if (isGrey) return { height, width, channels: 1, data: cropped(planes[0]!) };
  if (planes.length === 1) return { height, width, channels: 3, data: repeated(cropped(planes[0]!)) };
  const [cb, cr] = planes.slice(1).map((plane) => {
    return sampling === '4:2:0' ? doubleBoth(plane) : sampling === '4:2:2' ? doubleWidth(plane) : plane;
  });
  return { height, width, channels: 3, data: colours(planes[0]!, cb!, cr!, width, height) };
}

function samplingOf(components: readonly JpegComponent[]): '4:4:4' | '4:2:2' | '4:2:0' | undefined {
  const text = components.map(({ horizontal, vertical }) => `${horizontal}${vertical}`).join(' ');
  if (text === '11' || text === '11 11 11') return '4:4:4';
  return text === '21 11 11' ? '4:2:2' : text === '22 11 11' ? '4:2:0' : undefined;
}

/** Decodes all blocks. @throws damaged */
function readPlanes(bytes: Uint8Array, header: JpegHeader): Plane[] {
  const { width, height, components, restartInterval } = header;
  const most = components[0]!; // the largest factors are the first component's
  const across = Math.ceil(width / (8 * most.horizontal));
  const down = Math.ceil(height / (8 * most.vertical));
  const parts = components.map((component) => {
    const { horizontal, vertical, quantization } = component;
    const stride = across * horizontal * 8;
    const plane: Plane = {
      width: Math.ceil((width * horizontal) / most.horizontal),
      height: Math.ceil((height * vertical) / most.vertical),
      stride,
      samples: new Uint8ClampedArray(stride * down * vertical * 8),
    };
    const dc = huffmanTable(component.dc);
    const ac = huffmanTable(component.ac);
    if (dc === undefined || ac === undefined) throw damaged;
    return { plane, horizontal, vertical, quantization, dc, ac, predicted: 0 };
  });
  const reader = new EntropyReader(bytes, header.scanStart);
  const block = new Int32Array(64);
  for (let mcu = 0; mcu < across * down; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      reader.restart((mcu / restartInterval - 1) & 7);
      for (const part of parts) part.predicted = 0;
    }
    const column = mcu % across;
    const line = Math.floor(mcu / across);
    for (const part of parts) {
      const { plane, horizontal, vertical } = part;
      for (let v = 0; v < vertical; v++) {
        for (let h = 0; h < horizontal; h++) {
          part.predicted = reader.block(block, part.dc, part.ac, part.quantization, part.predicted);
          const at = (line * vertical + v) * 8 * plane.stride + (column * horizontal + h) * 8;
          inverseTransform(block, plane.samples, at, plane.stride);
        }
      }
    }
  }
  return parts.map(({ plane }) => plane);
}

function cropped({ width, height, stride, samples }: Plane): Uint8Array {
  const out = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) out.set(samples.subarray(y * stride, y * stride + width), y * width);
  return out;
}

function repeated(grey: Uint8Array): Uint8Array {
  const out = new Uint8Array(3 * grey.length);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3) out.fill(grey[i]!, at, at + 3);
  return out;
}

/** Y,Cb,Cr → B,G,R, with libjpeg's factors times 2¹⁶ (jdcolor.c). */
function colours(luma: Plane, cb: Plane, cr: Plane, width: number, height: number): Uint8Array {
  const out = new Uint8ClampedArray(3 * width * height);
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const light = luma.samples[y * luma.stride + x]!;
      const blue = cb.samples[y * cb.stride + x]! - 128;
      const red = cr.samples[y * cr.stride + x]! - 128;
      out[at++] = light + ((116130 * blue + 32768) >> 16);
      out[at++] = light + ((-22554 * blue + 32768 - 46802 * red) >> 16);
      out[at++] = light + ((91881 * red + 32768) >> 16);
    }
  }
  return new Uint8Array(out.buffer);
}
