import { randomUUID } from 'node:crypto';
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writevSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CaffeError } from '../errors/index.ts';
import { ioError } from './read-file.ts';

/**
 * Writes a file so that it is either the old one or the whole new one at every moment: to a temporary file beside it,
 * flushed to disk, then renamed. On failure the old file stays and the temporary one is removed. Links are followed;
 * a device or pipe is written to directly.
 * @throws CaffeError 'io' naming the file and the reason (disk full, no permission).
 */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const chunks =
    typeof content === 'string' ? [Buffer.from(content)] : content instanceof Uint8Array ? [content] : content;
  try {
    const old = statSync(path, { throwIfNoEntry: false });
    if (old === undefined) replace(path, chunks);
    else if (old.isFile()) replace(realpathSync(path), chunks, old.mode & 0o777);
    else withHandle(path, 'w', 0o666, (handle) => writeAll(handle, chunks));
  } catch (error) {
    throw writeError(error, path);
  }
}

function replace(path: string, chunks: readonly Uint8Array[], mode?: number): void {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`);
  try {
    withHandle(temporary, 'wx', mode ?? 0o666, (handle) => {
      if (mode !== undefined) fchmodSync(handle, mode);
      writeAll(handle, chunks);
      fsyncSync(handle);
    });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(dirname(path));
}

function withHandle(path: string, flags: string, mode: number, body: (handle: number) => void): void {
  const handle = openSync(path, flags, mode);
  try {
    body(handle);
  } finally {
    closeSync(handle);
  }
}

function writeError(error: unknown, path: string): CaffeError {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return ioError(error, path, 'written');
  const missing = new Error(`the folder ${dirname(path)} does not exist`, { cause: error });
  return ioError(missing, path, 'written').with({ fix: 'make the folder first' });
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
    withHandle(folder, 'r', 0, fsyncSync);
  } catch {
    // Windows and some network file systems refuse; the file itself is on disk already
  }
}
