/**
 * A JPEG file whose colours decode to grey, for OpenCV's IMREAD_GRAYSCALE takes a JPEG's luma as it is stored and does
 * not compute it from B,G,R. Both chroma components get a quantization table of zeros, which makes their samples 128
 * and red, green and blue equal to the luma; the picture itself is not touched.
 * @returns undefined where the file is not YCbCr with three components.
 */
export function lumaOnly(bytes: Uint8Array): Uint8Array | undefined {
  const found = findFrame(bytes);
  if (found?.isYcc !== true) return undefined;
  const frame = found.at;
  const lumaTable = bytes[frame + 12]!;
  const free = lumaTable === 3 ? 2 : 3;
  const table = new Uint8Array(69);
  table.set([0xff, 0xdb, 0, 67, free]);
  const out = new Uint8Array(bytes.length + table.length);
  out.set(bytes.subarray(0, frame));
  out.set(table, frame);
  out.set(bytes.subarray(frame), frame + table.length);
  for (const component of [1, 2]) out[frame + table.length + 12 + 3 * component] = free;
  return out;
}

/** What a JPEG file's frame says; undefined where its header is damaged. */
export function jpegFrame(bytes: Uint8Array): { components: number; isAdobe: boolean } | undefined {
  return findFrame(bytes);
}

interface Frame {
  /** Offset of the start-of-frame marker. */
  at: number;
  components: number;
  isYcc: boolean;
  isAdobe: boolean;
}

function findFrame(bytes: Uint8Array): Frame | undefined {
  let isAdobe = false;
  let adobeRgb = false;
  for (let at = 2; at + 4 < bytes.length; ) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // fill byte
      continue;
    }
    if (marker === 0xee && text(bytes, at + 4, 5) === 'Adobe') {
      isAdobe = true;
      adobeRgb = bytes[at + 15] === 0;
    }
    if (marker >= 0xc0 && marker <= 0xc2) {
      const components = bytes[at + 9]!;
      const rgbNames = [0, 3, 6].map((i) => bytes[at + 10 + i]).join() === '82,71,66'; // components named R, G, B
      return { at, components, isAdobe, isYcc: components === 3 && !adobeRgb && !rgbNames };
    }
    if (marker === 0xda) return undefined;
    at += 2 + bytes[at + 2]! * 256 + bytes[at + 3]!;
  }
  return undefined;
}

function text(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
