import { CaffeError } from '@jacinto/proto/errors';
import sharp from 'sharp';
import { svgToPng } from './png.ts';
import { textPath } from './text.ts';

/** A picture of a contact sheet: a file (or encoded bytes), a caption, and a frame's colour. */
export interface Tile {
  image: string | Uint8Array;
  caption?: string;
  frame?: string;
}

export interface SheetOptions {
  title?: string;
  /** Tiles a row; default 10. */
  columns?: number;
  /** Side of a picture in pixels; small pictures are enlarged without smoothing. Default 96. */
  size?: number;
}

/** Pictures in rows with captions, as PNG bytes. @throws CaffeError 'bad-value' without tiles, 'bad-data' for one that does not decode. */
export async function contactSheet(tiles: readonly Tile[], options: SheetOptions = {}): Promise<Uint8Array> {
  const { title, columns = 10, size = 96 } = options;
  if (tiles.length === 0) throw new CaffeError({ code: 'bad-value', field: 'tiles', problem: 'is empty' });
  const gap = 10;
  const rowHeight = size + 22;
  const head = title === undefined ? gap : 40;
  const place = (i: number) => ({
    left: gap + (i % columns) * (size + gap),
    top: head + Math.floor(i / columns) * (rowHeight + gap),
  });
  const width = gap + Math.min(columns, tiles.length) * (size + gap);
  const height = head + Math.ceil(tiles.length / columns) * (rowHeight + gap);
  const marks = tiles.map(({ caption, frame }, i) => {
    const { left, top } = place(i);
    const border = `<rect x="${left - 3}" y="${top - 3}" width="${size + 6}" height="${size + 6}" fill="${frame ?? '#fff'}"/>`;
    const text =
      caption === undefined
        ? ''
        : textPath(caption, { x: left + size / 2, y: top + size + 16, anchor: 'middle', size: 12 });
    return border + text;
  });
  const heading = title === undefined ? '' : textPath(title, { x: gap, y: 26, size: 17 });
  const base = await svgToPng(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${heading}${marks.join('')}</svg>`,
  );
  const pictures = await Promise.all(
    tiles.map(async ({ image }, i) => ({ input: await enlarged(image, size), ...place(i) })),
  );
  return sharp(base).composite(pictures).png().toBuffer();
}

async function enlarged(image: string | Uint8Array, size: number): Promise<Buffer> {
  try {
    return await sharp(image).resize(size, size, { fit: 'fill', kernel: 'nearest' }).png().toBuffer();
  } catch (cause) {
    const record = typeof image === 'string' ? image : undefined;
    throw new CaffeError({ code: 'bad-data', problem: 'the picture does not decode', record }, { cause });
  }
}
