import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import opentype, { type Font, type Path } from 'opentype.js';

let loaded: Font | undefined;

/** Lato (SIL Open Font License), read once. Text becomes paths, so a machine without fonts draws the same picture. */
function font(): Font {
  if (loaded === undefined) {
    const file = createRequire(import.meta.url).resolve('@fontsource/lato/files/lato-latin-400-normal.woff');
    const bytes = readFileSync(file);
    loaded = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
  }
  return loaded;
}

export interface TextOptions {
  x: number;
  y: number;
  /** Size in pixels; default 13. */
  size?: number;
  /** Where `x` lies in the text; default start. */
  anchor?: 'start' | 'middle' | 'end';
  color?: string;
  /** Degrees, clockwise, around x,y. */
  rotate?: number;
}

export function textWidth(text: string, size = 13): number {
  return font().getAdvanceWidth(text, size);
}

/** Text as an SVG path; y is the base line. */
export function textPath(text: string, { x, y, size = 13, anchor = 'start', color, rotate }: TextOptions): string {
  const width = textWidth(text, size);
  const left = x - (anchor === 'end' ? width : anchor === 'middle' ? width / 2 : 0);
  const shape = pathData(font().getPath(text, left, y, size));
  const turn = rotate === undefined ? '' : ` transform="rotate(${rotate} ${x} ${y})"`;
  return `<path d="${shape}" fill="${color ?? '#333'}"${turn}/>`;
}

/** The library's own toPathData rounds through text like "5e-14" and may then write NaN. */
function pathData({ commands }: Path): string {
  const numbers = ({ x1, y1, x2, y2, x, y }: Path['commands'][number]) => [x1, y1, x2, y2, x, y];
  return commands
    .map((command) => {
      const given = numbers(command).filter((value) => value !== undefined);
      return command.type + given.map((value) => value.toFixed(2)).join(' ');
    })
    .join('');
}
