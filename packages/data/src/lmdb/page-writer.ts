import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { CaffeError } from '@jacinto/proto/errors';

const chunk = 4 * 1024 * 1024;

/** Writes pages; neighbouring ones go out together. */
export class PageWriter {
  private readonly path: string;
  private readonly pageSize: number;
  private readonly descriptor: number;
  private readonly buffer = Buffer.allocUnsafe(chunk);
  private start = 0;
  private held = 0;

  /** @throws CaffeError 'io'. */
  constructor(path: string, pageSize: number, flags: 'r+' | 'wx+') {
    this.path = path;
    this.pageSize = pageSize;
    this.descriptor = guarded(path, () => openSync(path, flags, 0o664));
  }

  /** Takes the bytes at once; they reach the file at `flush` at the latest. */
  write(page: number, bytes: Uint8Array): void {
    const at = page * this.pageSize;
    const padded = Math.ceil(bytes.length / this.pageSize) * this.pageSize;
    if (this.held > 0 && (at !== this.start + this.held || this.held + padded > chunk)) this.flush();
    if (padded > chunk) {
      this.out(bytes, at);
      this.out(new Uint8Array(padded - bytes.length), at + bytes.length);
      return;
    }
    if (this.held === 0) this.start = at;
    this.buffer.set(bytes, this.held);
    this.buffer.fill(0, this.held + bytes.length, this.held + padded);
    this.held += padded;
  }

  flush(): void {
    const { held } = this;
    this.held = 0;
    if (held > 0) this.out(this.buffer.subarray(0, held), this.start);
  }

  /** Waits until all that was written lies on the disk. */
  sync(): void {
    this.flush();
    guarded(this.path, () => fdatasyncSync(this.descriptor));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private out(bytes: Uint8Array, at: number): void {
    let done = 0;
    while (done < bytes.length) {
      const from = done;
      done += guarded(this.path, () => writeSync(this.descriptor, bytes, from, bytes.length - from, at + from));
    }
  }
}

/** Runs a file operation; what the system refuses becomes one CaffeError. */
export function guarded<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const full = code === 'ENOSPC' || code === 'EDQUOT';
    throw new CaffeError(
      {
        code: 'io',
        file,
        problem: full ? 'cannot be written: the disk is full' : `cannot be written (${code ?? message})`,
        fix: full
          ? 'free some space; the records committed before are safe'
          : code === 'EEXIST'
            ? 'delete it first, or choose another name'
            : 'check that the folder exists and may be written to',
      },
      { cause },
    );
  }
}
