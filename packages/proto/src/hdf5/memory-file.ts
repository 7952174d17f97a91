import type { Dataset, File, Group } from 'h5wasm';
import { CaffeError } from '../errors/index.ts';

type Library = typeof import('h5wasm');
type FileSystem = Awaited<Library['ready']>['FS'];

let library: Promise<{ h5: Library; files: FileSystem }> | undefined;
let made = 0;

/** h5wasm, loaded on first use: 4 MB, which who reads no HDF5 should not pay for. */
function load(): Promise<{ h5: Library; files: FileSystem }> {
  library ??= import('h5wasm').then(async (h5) => {
    const module = await h5.ready;
    module.activate_throwing_error_handler(); // else it prints
    return { h5, files: module.FS };
  });
  return library;
}

/** Runs `use` on a file given as bytes. @throws CaffeError 'bad-file' where they are no HDF5 file. */
export async function readMemoryFile<T>(
  bytes: Uint8Array,
  name: string | undefined,
  use: (file: File) => T,
): Promise<T> {
  const { h5, files } = await load();
  const path = `/read${made++}.h5`;
  files.writeFile(path, bytes);
  try {
    const file = guarded(name, 'is no HDF5 file, or is cut off', () => new h5.File(path, 'r'));
    try {
      return guarded(name, 'is damaged', () => use(file));
    } finally {
      file.close();
    }
  } finally {
    files.unlink(path);
  }
}

/** The bytes of a new file that `fill` has filled. */
export async function writeMemoryFile(fill: (file: File) => void): Promise<Uint8Array> {
  const { h5, files } = await load();
  const path = `/write${made++}.h5`;
  const file = new h5.File(path, 'w');
  try {
    try {
      fill(file);
      file.flush();
    } finally {
      file.close();
    }
    return files.readFile(path) as Uint8Array;
  } finally {
    files.unlink(path);
  }
}

function guarded<T>(file: string | undefined, problem: string, body: () => T): T {
  try {
    return body();
  } catch (cause) {
    if (cause instanceof CaffeError) throw cause;
    throw new CaffeError(
      { code: 'bad-file', file, problem, fix: 'write or copy it again, and check its size' },
      { cause },
    );
  }
}

export function isGroup(entry: unknown): entry is Group {
  return typeof (entry as { keys?: unknown } | null)?.keys === 'function';
}

export function isDataset(entry: unknown): entry is Dataset {
  return entry !== null && entry !== undefined && !isGroup(entry) && 'metadata' in (entry as object);
}

/** The group at `path`, made with all above it that are missing. */
export function groupAt(root: Group, path: string): Group {
  let group = root;
  for (const part of path.split('/').filter(Boolean)) {
    const there = group.keys().includes(part) ? group.get(part) : undefined;
    group = isGroup(there) ? there : group.create_group(part)!;
  }
  return group;
}
