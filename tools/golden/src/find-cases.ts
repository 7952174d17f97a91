import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CaffeError } from '@jacinto/proto/errors';
import { readJson } from './recorded.ts';

/** A case found in a folder, by what the folder holds; `name` is its path within the folder asked for. */
export type FoundCase =
  /** NAME.prototxt, NAME.json and NAME.bin with blobs after a forward (and backward) pass. */
  | { kind: 'layer'; name: string; path: string }
  /** The same with blobs of several forwards of a net with data layers. */
  | { kind: 'dump'; name: string; path: string }
  /** deploy.prototxt and weights in `folder`, input.json and expected.json in `inputs`. */
  | { kind: 'model'; name: string; folder: string; inputs: string }
  /** A file that must be refused. */
  | { kind: 'broken'; name: string; path: string }
  /** A .binaryproto with expected means. */
  | { kind: 'mean'; name: string; path: string; expected: string }
  /** A solver and the log of its run. */
  | { kind: 'training'; name: string; solver: string; log: string }
  /** A weights or mean file that must read. */
  | { kind: 'file'; name: string; path: string }
  | { kind: 'unknown'; name: string; path: string; reason: string };

/** All cases of a folder and of those within it, in alphabetical order. @throws CaffeError 'missing' without such a folder. */
export function findCases(folder: string): FoundCase[] {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new CaffeError({ code: 'missing', file: folder, problem: 'there is no such folder' });
  }
  return findIn(folder, '');
}

function findIn(folder: string, prefix: string): FoundCase[] {
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const named = (name: string) => `${prefix}${name}`;
  if (isDatabase(files)) return [];
  if (basename(folder) === 'broken') {
    return files
      .filter((name) => /\.(caffemodel|binaryproto|solverstate|prototxt)$/.test(name))
      .map((name) => ({ kind: 'broken', name: named(name), path: join(folder, name) }));
  }
  const inputs = ['', ...folders].filter((inner) => existsSync(join(folder, inner, 'expected.json')));
  if (files.includes('deploy.prototxt') && inputs.length > 0) {
    const states = files.filter((file) => file.endsWith('.solverstate'));
    return [...findModel(folder, inputs, prefix), ...findFiles(folder, states, named)];
  }
  const found = [
    ...findRecorded(folder, files, named),
    ...findTrainings(folder, files, named),
    ...findFiles(folder, files, named),
    ...folders.flatMap((name) => findIn(join(folder, name), `${named(name)}/`)),
  ];
  return found;
}

function isDatabase(files: readonly string[]): boolean {
  return (
    files.includes('data.mdb') || (files.includes('CURRENT') && files.some((name) => name.startsWith('MANIFEST-')))
  );
}

/** @param inputs the folders with recorded inputs: '' is the model's own */
function findModel(folder: string, inputs: readonly string[], prefix: string): FoundCase[] {
  const name = prefix.replace(/\/$/, '') || basename(folder);
  return inputs.map((inner) => ({
    kind: 'model',
    name: inner === '' ? name : `${name}/${inner}`,
    folder,
    inputs: join(folder, inner),
  }));
}

/** Cases with recorded arrays, told apart by the keys of their json. */
function findRecorded(folder: string, files: readonly string[], named: (name: string) => string): FoundCase[] {
  return files
    .filter((file) => file.endsWith('.json'))
    .map((file) => {
      const stem = file.slice(0, -'.json'.length);
      const path = join(folder, stem);
      const json = readJson<Record<string, unknown>>(`${path}.json`);
      const name = named(stem);
      if (file === 'expected.json' && 'channel_means' in json) {
        const mean = files.find((one) => one.endsWith('.binaryproto'));
        if (mean !== undefined)
          return { kind: 'mean', name: named(mean), path: join(folder, mean), expected: `${path}.json` };
      }
      const complete = files.includes(`${stem}.bin`);
      if (complete && 'blobs_after' in json && files.includes(`${stem}.prototxt`)) return { kind: 'layer', name, path };
      if (complete && 'iterations' in json) return { kind: 'dump', name, path };
      const keys = Array.isArray(json) ? 'a list' : Object.keys(json).join(', ');
      return { kind: 'unknown', name, path, reason: `this layout is not known: ${keys}` };
    });
}

/** Solver prototxts beside which the log of their run lies: solver.prototxt and train.log, resume.prototxt and resume.log, … */
function findTrainings(folder: string, files: readonly string[], named: (name: string) => string): FoundCase[] {
  return files
    .filter((file) => file.endsWith('.prototxt'))
    .flatMap((file) => {
      const stem = file.slice(0, -'.prototxt'.length);
      const log = [stem, stem.replace('solver', 'train')].find((one) => files.includes(`${one}.log`));
      if (log === undefined || !isSolver(join(folder, file))) return [];
      return [{ kind: 'training', name: named(stem), solver: join(folder, file), log: join(folder, `${log}.log`) }];
    });
}

function isSolver(path: string): boolean {
  const text = readFileSync(path, 'utf8');
  return (
    /^\s*(net|train_net|net_param|train_net_param)\s*[:{<]/m.test(text) &&
    /^\s*(base_lr|max_iter|lr_policy)\s*:/m.test(text)
  );
}

/** Weights and mean files that no other case reads. */
function findFiles(folder: string, files: readonly string[], named: (name: string) => string): FoundCase[] {
  const taken = files.includes('expected.json');
  return files
    .filter((file) => /\.(caffemodel|binaryproto|solverstate)$/.test(file) && !(taken && file.endsWith('.binaryproto')))
    .map((file) => ({ kind: 'file', name: named(file), path: join(folder, file) }));
}
