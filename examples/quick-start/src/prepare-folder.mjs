import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Empties the folder of what an earlier run left there, and puts net and solver into it. */
export function prepareFolder(folder, { iterations, testImages }) {
  for (const name of ['images', 'snapshots', 'train_lmdb', 'test_lmdb']) {
    rmSync(join(folder, name), { recursive: true, force: true });
  }
  mkdirSync(join(folder, 'snapshots'), { recursive: true });
  cpSync(join(here, 'train_test.prototxt'), join(folder, 'train_test.prototxt'));
  let solver = readFileSync(join(here, 'solver.prototxt'), 'utf8');
  const set = (field, value) => {
    solver = solver.replace(new RegExp(`^${field}: \\d+`, 'm'), `${field}: ${value}`);
  };
  set('test_iter', Math.ceil(testImages / 50));
  if (iterations !== undefined) {
    set('max_iter', iterations);
    set('test_interval', Math.max(1, Math.round(iterations / 8)));
    set('snapshot', iterations);
  }
  writeFileSync(join(folder, 'solver.prototxt'), solver);
  return Number(/^max_iter: (\d+)/m.exec(solver)[1]);
}
