import { readFileSync } from 'node:fs';
import { CaffeError } from '@jacinto/proto/errors';
import { ioError } from '@jacinto/proto/node';

/** A window of a picture; corners are inclusive. */
export interface Window {
  /** Index into `images`. */
  image: number;
  label: number;
  overlap: number;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface WindowList {
  images: string[];
  windows: Window[];
}

/**
 * Reads a window file: for each picture `# index`, its path, channels, height, width, number of windows, then a line
 * `label overlap x1 y1 x2 y2` a window. @throws CaffeError naming file and line.
 */
export function readWindowList(file: string): WindowList {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw ioError(error, file, 'read');
  }
  const lines = text.split('\n').map((line, i) => ({ text: line.trim(), line: i + 1 }));
  const content = lines.filter((each) => each.text !== '');
  const images: string[] = [];
  const windows: Window[] = [];
  let at = 0;
  const next = (what: string): { text: string; line: number } => {
    const found = content[at++];
    if (found !== undefined) return found;
    throw bad(file, lines.length, `ends where ${what} should come`, 'write the file again');
  };
  const whole = (what: string): number => {
    const { text: value, line } = next(what);
    if (/^\d+$/.test(value)) return Number(value);
    throw bad(file, line, `"${value.slice(0, 80)}" is no ${what}`, 'write a whole number');
  };
  while (at < content.length) {
    const head = next('a picture');
    if (!/^#\s*\d+$/.test(head.text)) {
      throw bad(file, head.line, `"${head.text.slice(0, 80)}" does not begin a picture`, 'write "# index"');
    }
    images.push(next('the path of a picture').text);
    for (const what of ['number of channels', 'height', 'width']) whole(what);
    const count = whole('number of windows');
    for (let i = 0; i < count; i++) {
      const { text: row, line } = next('a window');
      const values = row.split(/\s+/).map(Number);
      if (values.length !== 6 || values.some((value) => !Number.isFinite(value))) {
        const problem = `"${row.slice(0, 80)}" is not of the form "label overlap x1 y1 x2 y2"`;
        throw bad(file, line, problem, 'write six numbers');
      }
      const [label, overlap, x1, y1, x2, y2] = values as [number, number, number, number, number, number];
      if (x2 < x1 || y2 < y1 || x1 < 0 || y1 < 0) {
        throw bad(
          file,
          line,
          `the window ${x1} ${y1} ${x2} ${y2} is empty or begins outside`,
          'write x1 ≤ x2, y1 ≤ y2',
        );
      }
      windows.push({ image: images.length - 1, label, overlap, x1, y1, x2, y2 });
    }
  }
  return { images, windows };
}

function bad(file: string, line: number, problem: string, fix: string): CaffeError {
  return new CaffeError({ code: 'bad-data', file, line, problem, fix });
}
