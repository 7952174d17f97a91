import { CaffeError, unknownName } from '@jacinto/proto/errors';
import type { Image } from './image.ts';
import { sharpLibrary } from './sharp-library.ts';

const formats = { jpg: 'jpeg', png: 'png', webp: 'webp', tif: 'tiff' } as const;

/** A name's extension in lower case, without its dot; 'jpeg' and 'jpg' are one, so are 'tiff' and 'tif'. */
export function extensionOf(file: string): string {
  const found = /\.([^./\\]+)$/.exec(file)?.[1]?.toLowerCase() ?? '';
  return found === 'jpeg' ? 'jpg' : found === 'tiff' ? 'tif' : found;
}

/** The extension that an encoding's name stands for ('JPEG' → 'jpg'). @throws CaffeError 'unknown-name'. */
export function encodingOf(name: string): string {
  const extension = extensionOf(`.${name}`);
  if (!Object.hasOwn(formats, extension)) throw unknownName('encode_type', name, Object.keys(formats));
  return extension;
}

/** An image file of a picture; JPEG with quality 95, as OpenCV's imencode. @throws CaffeError 'unknown-name'. */
export async function encodeImage({ height, width, channels, data }: Image, extension: string): Promise<Uint8Array> {
  const format = formats[encodingOf(extension) as keyof typeof formats];
  const pixels = channels === 3 ? redFirst(data) : data;
  const raw = { width, height, channels: channels as 1 | 3 };
  const sharp = await sharpLibrary();
  try {
    const picture = sharp(pixels, { raw }).toColourspace(channels === 1 ? 'b-w' : 'srgb');
    return await picture.toFormat(format, qualityOf(extension)).toBuffer();
  } catch (cause) {
    const problem = `cannot be encoded as ${extension} (${(cause as Error).message})`;
    throw new CaffeError({ code: 'bad-data', problem }, { cause });
  }
}

function qualityOf(extension: string): object {
  return extension === 'jpg' ? { quality: 95, chromaSubsampling: '4:2:0' } : {};
}

/** B,G,R → R,G,B. */
function redFirst(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    out[i] = data[i + 2]!;
    out[i + 1] = data[i + 1]!;
    out[i + 2] = data[i]!;
  }
  return out;
}
