import { recogniseNotText } from '../binary/recognise.ts';
import { utf8Text } from '../binary/utf8.ts';
import { CaffeError } from '../errors/index.ts';
import { readBytes } from './read-file.ts';

/**
 * The text of a prototxt file. Bytes that are not UTF-8 (comments in an old encoding) do no harm.
 * @throws CaffeError naming the file where it is missing, or is binary, a web page or a Git LFS pointer.
 */
export function readText(path: string): string {
  const bytes = readBytes(path);
  const kind = recogniseNotText(bytes);
  if (kind !== undefined) throw new CaffeError({ code: 'bad-file', file: path, ...kind });
  return utf8Text(bytes);
}
