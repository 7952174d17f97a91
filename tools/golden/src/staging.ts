import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/**
 * A temporary folder in which a recorded run can run again: it shows what the recorded folder and the data folder hold
 * by links, and takes what the run writes. LevelDB databases are copied, since opening one changes its files.
 */
export class Staging {
  readonly folder = mkdtempSync(join(tmpdir(), 'jacinto-golden-'));
  private readonly dataFolder: string | undefined;

  /** @param recorded shown as it is; @param dataFolder what it holds is shown beside, where no name is taken */
  constructor(recorded: string | undefined, dataFolder: string | undefined) {
    this.dataFolder = dataFolder;
    for (const source of [recorded, dataFolder]) {
      if (source === undefined) continue;
      for (const entry of readdirSync(source)) {
        const to = join(this.folder, entry);
        if (!existsSync(to)) show(resolve(source, entry), to);
      }
    }
  }

  /** Whether a path that a net names is there; a database or file of the data folder with the same last name is put there. */
  has(path: string): boolean {
    if (existsSync(resolve(this.folder, path))) return true;
    const { dataFolder } = this;
    if (dataFolder === undefined || path.startsWith('/') || path.split(/[\\/]/).includes('..')) return false;
    const name = basename(path);
    const found = [join(dataFolder, name), basename(resolve(dataFolder)) === name ? dataFolder : ''].find(existsSync);
    if (found === undefined) return false;
    show(resolve(found), join(this.ownFolder(dirname(path)), name));
    return true;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A folder of the staging that is no link, so that what is put there is not put into the recorded folder. */
  private ownFolder(path: string): string {
    let folder = this.folder;
    for (const part of path.split(/[\\/]/).filter((one) => one !== '' && one !== '.')) {
      folder = join(folder, part);
      if (!existsSync(folder)) mkdirSync(folder);
      else if (lstatSync(folder).isSymbolicLink()) {
        const original = readlinkSync(folder);
        unlinkSync(folder);
        mkdirSync(folder);
        for (const entry of readdirSync(original)) show(resolve(original, entry), join(folder, entry));
      }
    }
    return folder;
  }
}

/** The nearest folder from `start` upwards (three levels) in which the relative path exists. */
export function folderOf(path: string, start: string): string | undefined {
  let folder = resolve(start);
  for (let level = 0; level < 4; level++) {
    if (existsSync(join(folder, path))) return folder;
    folder = dirname(folder);
  }
  return undefined;
}

function show(from: string, to: string): void {
  const isFolder = statSync(from).isDirectory();
  const isLevelDb = isFolder && existsSync(join(from, 'CURRENT')) && !existsSync(join(from, 'data.mdb'));
  if (!isLevelDb) {
    symlinkSync(from, to, isFolder ? 'junction' : 'file');
    return;
  }
  mkdirSync(to); // the bytes only: the original may be read-only
  for (const file of readdirSync(from)) writeFileSync(join(to, file), readFileSync(join(from, file)));
}
