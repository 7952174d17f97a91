import { readFileSync } from 'node:fs';
import { CaffeError } from '@jacinto/proto/errors';
import { ioError } from '@jacinto/proto/node';

/** A line of an image list. */
export interface ImageListLine {
  /** As the list has it. */
  name: string;
  label: number;
  /** From 1. */
  line: number;
}

/**
 * Reads a list of images: `path label` a line, split at the last space; empty lines are passed over.
 * @throws CaffeError naming file and line.
 */
export function readImageList(file: string): ImageListLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw ioError(error, file, 'read');
  }
  const lines: ImageListLine[] = [];
  for (const [i, raw] of text.split('\n').entries()) {
    const content = raw.trimEnd();
    if (content === '') continue;
    const space = content.lastIndexOf(' ');
    const label = content.slice(space + 1);
    if (space <= 0 || !/^[+-]?\d+$/.test(label)) {
      throw new CaffeError({
        code: 'bad-data',
        file,
        line: i + 1,
        problem: `"${content.slice(0, 80)}" is not of the form "path label"`,
        fix: 'write the path, a space and a whole number',
      });
    }
    lines.push({ name: content.slice(0, space), label: Number(label), line: i + 1 });
  }
  if (lines.length === 0) {
    const fix = 'write a line "path label" for each image';
    throw new CaffeError({ code: 'bad-data', file, problem: 'the list names no image', fix });
  }
  return lines;
}
