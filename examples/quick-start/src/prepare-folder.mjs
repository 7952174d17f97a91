import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = join(dirname(fileURLToPath(import.meta.url)), '..');
export const net = 'train_test.prototxt';
export const quantizedNet = 'train_test_quantize.prototxt';
export const solvers = {
  initial: join(here, 'solver.prototxt'),
  l1reg: join(here, 'solver_l1reg.prototxt'),
  sparse: join(here, 'solver_sparse.prototxt'),
};

/**
 * Makes the folder ready: keeps what an earlier run with the same settings left there, and puts the nets into it.
 * @param {string[]} names of what a run writes there; with `fresh` it goes
 */
export function prepareFolder(folder, { images, iterations, fresh, names }) {
  const file = join(folder, 'settings.json');
  const settings = { images, iterations: iterations ?? null, recipe: recipe() };
  const earlier = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const text = `${JSON.stringify(settings, undefined, 2)}\n`;
  if (!fresh && earlier !== undefined && earlier !== text) {
    throw new Error(
      `${folder} holds a run with ${difference(earlier, settings)}; --fresh begins anew, --out takes another folder`,
    );
  }
  if (earlier === undefined || fresh)
    for (const name of names) rmSync(join(folder, name), { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, text);
  if (!existsSync(join(folder, net))) cpSync(join(here, net), join(folder, net));
  writeFileSync(join(folder, quantizedNet), `quantize: true\n${readFileSync(join(folder, net), 'utf8')}`);
}

/** Changes with the net, the solvers and what is drawn. */
function recipe() {
  const files = [net, ...Object.values(solvers), ...['scene', 'shapes', 'signs'].map((name) => `src/${name}.mjs`)];
  const hash = createHash('sha256');
  for (const name of files) hash.update(readFileSync(name.startsWith(here) ? name : join(here, name)));
  return hash.digest('hex').slice(0, 16);
}

function difference(earlier, settings) {
  try {
    const old = JSON.parse(earlier);
    const changed = ['images', 'iterations'].filter((name) => old[name] !== settings[name]);
    if (changed.length > 0) return changed.map((name) => `--${name} ${old[name] ?? 'at its default'}`).join(' and ');
  } catch {
    // not ours to read
  }
  return 'an older net, solver or set of pictures';
}
