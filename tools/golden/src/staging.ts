import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { has, type LayerParameter } from '@jacinto/proto';

/**
 * A temporary folder in which a recorded run can run again: it shows what the recorded folder and the data folder hold
 * by links, and takes what the run writes. LevelDB databases are copied, since opening one changes its files.
 */
export interface Staging {
  folder: string;
  remove(): void;
}

export function stage(folders: readonly string[]): Staging {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-golden-'));
  for (const source of folders) {
    for (const entry of readdirSync(source)) {
      const from = resolve(source, entry);
      const to = join(folder, entry);
      if (existsSync(to)) continue; // the recorded folder comes first
      if (isLevelDb(from)) copyWritable(from, to);
      else symlinkSync(from, to, statSync(from).isDirectory() ? 'junction' : 'file');
    }
  }
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
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

/** The files and databases that data layers name. */
export function sourcesOf(layers: readonly LayerParameter[]): string[] {
  return layers.flatMap((layer) => [
    ...(has(layer, 'dataParam') && layer.dataParam!.source !== undefined ? [layer.dataParam!.source] : []),
    ...(has(layer, 'imageDataParam') && layer.imageDataParam!.source !== undefined
      ? [layer.imageDataParam!.source]
      : []),
    ...(has(layer, 'transformParam') && layer.transformParam!.meanFile !== undefined
      ? [layer.transformParam!.meanFile]
      : []),
  ]);
}

/** What the data layers name and a folder lacks: sources, and the first picture of a list. */
export function absentSources(layers: readonly LayerParameter[], folder: string): string[] {
  const absent = sourcesOf(layers).filter((source) => !existsSync(join(folder, source)));
  const lists = layers.flatMap((layer) => (has(layer, 'imageDataParam') ? [layer.imageDataParam!] : []));
  for (const { source, rootFolder } of lists) {
    if (source === undefined || absent.includes(source)) continue;
    const first = /^(.*\S)\s+\S+\s*$/m.exec(readFileSync(join(folder, source), 'utf8'))?.[1];
    if (first !== undefined && !existsSync(join(folder, (rootFolder ?? '') + first))) absent.push(first);
  }
  return [...new Set(absent)];
}

function isLevelDb(path: string): boolean {
  return existsSync(join(path, 'CURRENT')) && !existsSync(join(path, 'data.mdb'));
}

/** Copies the bytes only: the original may be read-only. */
function copyWritable(from: string, to: string): void {
  mkdirSync(to);
  for (const file of readdirSync(from)) writeFileSync(join(to, file), readFileSync(join(from, file)));
}
