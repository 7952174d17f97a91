import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { CaffeError } from '../errors/index.ts';

const LARGEST = 2 ** 32 - 1;
const PIECE = 2 ** 30;

/** A CaffeError for an error of the operating system, in words. */
export function ioError(error: unknown, file: string, doing: string): CaffeError {
  const { code, message } = error as NodeJS.ErrnoException;
  const words: Record<string, [string, string]> = {
    ENOENT: ['does not exist', 'check the path (it is relative to the current folder)'],
    EACCES: [`cannot be ${doing}: permission denied`, 'check its permissions'],
    EPERM: [`cannot be ${doing}: permission denied`, 'check its permissions'],
    EROFS: [`cannot be ${doing}: the file system is read-only`, 'give another folder'],
    EISDIR: ['is a folder, not a file', 'give the path of a file'],
    ENOTDIR: ['does not exist: a part of its path is no folder', 'check the path'],
    ENOSPC: [`cannot be ${doing}: the disk is full`, 'free some space or give another folder'],
    EDQUOT: [`cannot be ${doing}: the disk quota is used up`, 'free some space or give another folder'],
    EFBIG: [`cannot be ${doing}: it is larger than the file system allows`, 'give another folder'],
    EMFILE: [`cannot be ${doing}: too many files are open`, 'close some, or raise the limit (ulimit -n)'],
  };
  const [problem, fix] = words[code ?? ''] ?? [`cannot be ${doing}: ${message}`, undefined];
  return new CaffeError({ code: code === 'ENOENT' ? 'missing' : 'io', file, problem, fix }, { cause: error });
}

/** The bytes of a file of up to 4 GB (fs.readFile stops at 2). @throws CaffeError naming the file. */
export function readBytes(path: string): Uint8Array {
  let handle: number | undefined;
  try {
    handle = openSync(path, 'r');
    const stat = fstatSync(handle);
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    return stat.isFile() ? readSized(handle, path, stat.size) : readStream(handle);
  } catch (error) {
    throw error instanceof CaffeError ? error : ioError(error, path, 'read');
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function readSized(handle: number, path: string, size: number): Uint8Array {
  if (size > LARGEST) {
    const problem = `has ${size} bytes, more than a message may have`;
    throw new CaffeError({ code: 'limit', file: path, problem, fix: `use a file of at most ${LARGEST} bytes` });
  }
  // not zeroed first: every byte is overwritten, and what a file that shrinks meanwhile leaves is cut off
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  while (at < size) {
    const count = readSync(handle, bytes, at, Math.min(PIECE, size - at), at);
    if (count === 0) break;
    at += count;
  }
  return new Uint8Array(bytes.buffer, 0, at);
}

/** A pipe or device, whose size is not known. */
function readStream(handle: number): Uint8Array {
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = Buffer.allocUnsafeSlow(65536);
    const count = readSync(handle, piece, 0, piece.length, null);
    if (count === 0) return new Uint8Array(Buffer.concat(pieces));
    pieces.push(piece.subarray(0, count));
  }
}
