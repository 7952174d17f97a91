import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CaffeError } from '@jacinto/proto/errors';
import { readJson } from './recorded.ts';

/** A case found in a folder, by what the folder holds; `name` is its path within the folder asked for. */
export type FoundCase =
  /** NAME.prototxt, NAME.json and NAME.bin with blobs after a forward (and backward) pass. */
  | { kind: 'layer'; name: string; path: string; compat?: 'caffe-jacinto-0.17' }
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
  /** Weights before and after small ones were zeroed (`weights_before`, `cases`). */
  | { kind: 'threshold'; name: string; path: string }
  /** Ranges with their scales and offsets. */
  | { kind: 'estimate'; name: string; path: string }
  /** Values with what rounding to fixed point made of them. */
  | { kind: 'trim'; name: string; path: string }
  /** NAME.prototxt and NAME.log of a quantized net; `numbers`: the case with its arrays, itself where it has some. */
  | { kind: 'quantize'; name: string; path: string; numbers: string }
  /** before.prototxt, after.prototxt, their weights and forwards. */
  | { kind: 'optimize'; name: string; folder: string }
  /** A net, weights, and the log of `caffe test`. */
  | { kind: 'test'; name: string; model: string; weights: string; log: string }
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
  // By what links lead to: a set of cases may show another one's folders.
  const isFolder = ({ name }: { name: string }) =>
    statSync(join(folder, name), { throwIfNoEntry: false })?.isDirectory() ?? false;
  const files = entries.filter((entry) => !isFolder(entry)).map(({ name }) => name);
  const folders = entries.filter(isFolder).map(({ name }) => name);
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
  if (['before.prototxt', 'before.caffemodel', 'after.prototxt'].every((file) => files.includes(file))) {
    return [{ kind: 'optimize', name: prefix.replace(/\/$/, '') || basename(folder), folder }];
  }
  const found = [
    ...findRecorded(folder, files, named),
    ...findTrainings(folder, files, named),
    ...findQuantizedLogs(folder, files, named),
    ...findTests(folder, files, named),
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
      const hasNet = files.includes(`${stem}.prototxt`);
      if (complete && 'blobs_after' in json && hasNet) {
        // What caffe-jacinto 0.17 computed on its CPU, faults included.
        return {
          kind: 'layer',
          name,
          path,
          compat: basename(folder) === 'layers17' ? 'caffe-jacinto-0.17' : undefined,
        };
      }
      if (complete && 'weights_before' in json && 'cases' in json && hasNet) return { kind: 'threshold', name, path };
      if (complete && 'forwards' in json && hasNet) return { kind: 'quantize', name, path, numbers: path };
      if (complete && 'values' in json && 'rows' in json) return { kind: 'trim', name, path };
      if (isEstimates(json)) return { kind: 'estimate', name, path };
      if (complete && 'iterations' in json) return { kind: 'dump', name, path };
      const keys = Array.isArray(json) ? 'a list' : Object.keys(json).join(', ');
      return { kind: 'unknown', name, path, reason: `this layout is not known: ${keys}` };
    });
}

function isEstimates(json: unknown): boolean {
  return Array.isArray(json) && json.length > 0 && json.every((row) => 'scale_target' in (row?.out ?? {}));
}

/** Variants of a quantized net that have a log only: their numbers are those of `default`. */
function findQuantizedLogs(folder: string, files: readonly string[], named: (name: string) => string): FoundCase[] {
  if (!files.includes('default.json') || !files.includes('default.out.prototxt')) return [];
  return files
    .filter((file) => file.endsWith('.log'))
    .map((file) => file.slice(0, -'.log'.length))
    .filter((stem) => files.includes(`${stem}.prototxt`) && !files.includes(`${stem}.json`))
    .map((stem) => ({
      kind: 'quantize',
      name: named(stem),
      path: join(folder, stem),
      numbers: join(folder, 'default'),
    }));
}

/** Logs of `caffe test`: of NAME.prototxt, else of net.prototxt, with the last weights that the run called sparse left. */
function findTests(folder: string, files: readonly string[], named: (name: string) => string): FoundCase[] {
  const iteration = (file: string) => Number(/^sparse_iter_(\d+)\.caffemodel$/.exec(file)?.[1] ?? Number.NaN);
  const left = files.filter((file) => iteration(file) >= 0).sort((a, b) => iteration(a) - iteration(b));
  const weights = left.at(-1);
  if (weights === undefined) return [];
  return files
    .filter((file) => /^test.*\.log$/.test(file))
    .map((log) => {
      const stem = log.slice(0, -'.log'.length);
      const model = files.includes(`${stem}.prototxt`) ? `${stem}.prototxt` : 'net.prototxt';
      const at = (file: string) => join(folder, file);
      return { kind: 'test', name: named(stem), model: at(model), weights: at(weights), log: at(log) };
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
