import sharp from 'sharp';

/** An SVG as PNG bytes; `scale` 2 gives twice the pixels. @throws where the SVG does not parse. */
export async function svgToPng(svg: string, scale = 1): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { density: 72 * scale })
    .png()
    .toBuffer();
}
