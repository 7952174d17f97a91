import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const caffe = fileURLToPath(new URL('../bin/caffe.js', import.meta.resolve('@jacinto/caffe')));
const folder = mkdtempSync(join(tmpdir(), 'center-loss-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('caffe train runs the plug-in as the README says', async () => {
  for (const file of ['train.prototxt', 'solver.prototxt']) cpSync(here(file), join(folder, file));
  const [, line] = /^npx caffe (train .*)$/m.exec(readFileSync(here('README.md'), 'utf8'))!;
  const args = line!.split(' ').map((word) => word.replace('./center-loss.mjs', here('center-loss.mjs')));
  const { stderr } = await promisify(execFile)(process.execPath, [caffe, ...args], { cwd: folder });
  const centerLosses = [...stderr.matchAll(/Train net output #\d+: center_loss = (\S+)/g)].map(([, loss]) =>
    Number(loss),
  );
  expect(centerLosses.length).toBeGreaterThan(3);
  expect(centerLosses.at(-1)).toBeLessThan(centerLosses[0]! / 2);
  expect(stderr).toMatch(/accuracy = 1\b/);
  expect(existsSync(join(folder, 'centers_iter_200.caffemodel'))).toBe(true);
});
