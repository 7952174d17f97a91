import type { Image } from './image.ts';

/**
 * Decodes an uncompressed BMP (8-bit with palette, 24 or 32 bits a pixel), which sharp does not read and OpenCV does.
 * @returns The picture in B,G,R (grey where the palette is grey), or what is wrong with the file.
 */
export function decodeBmp(bytes: Uint8Array): Image | string {
  if (bytes.length < 54) return 'the BMP file is cut short';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = view.getUint32(10, true);
  const headerSize = view.getUint32(14, true);
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  if (![8, 24, 32].includes(bits) || (compression !== 0 && !(compression === 3 && bits === 32))) {
    return `a BMP file of ${bits} bits a pixel with compression ${compression} is not supported`;
  }
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (width <= 0 || height === 0 || start + stride * height > bytes.length) return 'the BMP file is cut short';
  const paletteSize = bits === 8 ? view.getUint32(46, true) || 256 : 0;
  const palette = bytes.subarray(14 + headerSize, 14 + headerSize + 4 * paletteSize);
  const isGrey = bits === 8 && palette.every((value, i) => i % 4 === 3 || value === palette[i - (i % 4)]);
  const channels = isGrey ? 1 : 3;
  const data = new Uint8Array(height * width * channels);
  let at = 0;
  for (let y = 0; y < height; y++) {
    const row = start + stride * (signedHeight > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const from = bits === 8 ? 4 * bytes[row + x]! : row + (x * bits) / 8;
      const source = bits === 8 ? palette : bytes;
      for (let c = 0; c < channels; c++) data[at++] = source[from + c] ?? 0;
    }
  }
  return { height, width, channels, data };
}
