import { rmSync } from 'node:fs';
import { copyFile, link, mkdtemp, readdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * A folder in which LevelDB may do what it does on opening (write the log into a table, start a new manifest, delete
 * old files) while the database itself stays as it is: its tables, which never change, are linked, the rest is copied.
 * So a database can be read by many at once, in a folder that may not be written to, and by older LevelDBs afterwards.
 */
export async function snapshotFolder(source: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'jacinto-leveldb-'));
  if (open.size === 0) process.on('exit', removeAll);
  open.add(folder);
  try {
    for (const name of await readdir(source)) {
      const from = resolve(source, name);
      const to = join(folder, name);
      if (/\.(ldb|sst)$/.test(name)) await linked(from, to);
      else if (/^(CURRENT|MANIFEST-\d+|\d+\.log)$/.test(name)) await copyFile(from, to);
    }
    return folder;
  } catch (error) {
    removeSnapshot(folder);
    throw error;
  }
}

/** Removes a folder that `snapshotFolder` made; what is left when the process ends is removed then. */
export function removeSnapshot(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  open.delete(folder);
  if (open.size === 0) process.off('exit', removeAll);
}

const open = new Set<string>();

function removeAll(): void {
  for (const folder of open) rmSync(folder, { recursive: true, force: true });
}

/** A link of the kind that the system allows, else a copy. */
async function linked(from: string, to: string): Promise<void> {
  await symlink(from, to)
    .catch(() => link(from, to))
    .catch(() => copyFile(from, to));
}
