import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writevSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CaffeError } from '../errors/index.ts';
import { ioError } from './read-file.ts';

let counter = 0;

/**
 * Writes a file so that it is either the old one or the whole new one at every moment: to a temporary file beside it,
 * flushed to disk, then renamed. On failure the old file stays and the temporary one is removed.
 * @throws CaffeError 'io' naming the file and the reason (disk full, no permission).
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const chunks =
    typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${counter++}.tmp`);
  let handle: number | undefined;
  try {
    handle = openSync(temporary, 'wx', modeOf(path));
    writeAll(handle, chunks);
    fsyncSync(handle);
    closeSync(handle);
    handle = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (handle !== undefined) closeSync(handle);
    rmSync(temporary, { force: true });
    throw writeError(error, path);
  }
  flushFolder(dirname(path));
}

function writeError(error: unknown, path: string): CaffeError {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return ioError(error, path, 'written');
  const missing = new Error(`the folder ${dirname(path)} does not exist`, { cause: error });
  return ioError(missing, path, 'written').with({ fix: 'make the folder first' });
}

/** The permissions of the file that is replaced, for they should stay. */
function modeOf(path: string): number {
  return (statSync(path, { throwIfNoEntry: false })?.mode ?? 0o666) & 0o777;
}

const MOST_BUFFERS = 512;
const MOST_BYTES = 2 ** 30;

function writeAll(handle: number, chunks: readonly Uint8Array[]): void {
  let pending: Uint8Array[] = [];
  let size = 0;
  for (const chunk of chunks) {
    for (let at = 0; at < chunk.length; at += MOST_BYTES) {
      const piece = chunk.subarray(at, at + MOST_BYTES);
      if (pending.length === MOST_BUFFERS || size + piece.length > MOST_BYTES) {
        writePieces(handle, pending);
        [pending, size] = [[], 0];
      }
      pending.push(piece);
      size += piece.length;
    }
  }
  writePieces(handle, pending);
}

function writePieces(handle: number, pieces: Uint8Array[]): void {
  let rest = pieces;
  while (rest.length > 0) {
    let written = writevSync(handle, rest);
    let first = 0;
    while (first < rest.length && written >= rest[first]!.length) written -= rest[first++]!.length;
    rest = rest.slice(first);
    if (written > 0) rest[0] = rest[0]!.subarray(written);
  }
}

/** Makes the rename itself durable where the system allows a folder to be flushed. */
function flushFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch {
    // Windows and some network file systems refuse; the file itself is on disk already
  }
}
