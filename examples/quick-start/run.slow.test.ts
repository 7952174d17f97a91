import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseTestLog, parseTrainingLog } from '@jacinto/plot/log';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'jacinto-quick-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const script = join(import.meta.dirname, 'run.mjs');
const run = [script, '--images', '400', '--iterations', '60', '--out', folder];

it('draws, trains and tests with the real commands, twice in a row, and is above chance', { timeout: 180_000 }, () => {
  execFileSync(process.execPath, run, { encoding: 'utf8' });
  const printed = execFileSync(process.execPath, run, { encoding: 'utf8' });
  const [, percent] = /accuracy\s+(\S+) % of 100 pictures/.exec(printed) ?? [];
  const logged = parseTestLog(readFileSync(join(folder, 'test.log'), 'utf8')).outputs.find(
    ({ name }) => name === 'accuracy',
  );
  expect(Number(percent)).toBeCloseTo(100 * logged!.value, 1);
  expect(logged!.value).toBeGreaterThan(0.25); // ten classes: chance is 0.1
  const { train, test, snapshots } = parseTrainingLog(readFileSync(join(folder, 'train.log'), 'utf8'));
  expect(train.at(-1)!.loss).toBeLessThan(train[0]!.loss);
  expect(test.length).toBeGreaterThan(5);
  expect(snapshots.map((file) => existsSync(join(folder, file)))).toContain(true);
  for (const file of ['curve.png', 'answers.png', 'deploy.prototxt', 'snapshots/signs_iter_60.caffemodel']) {
    expect(statSync(join(folder, file)).size, file).toBeGreaterThan(1000);
  }
});

it('says in one line what is wrong with an option', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--images', 'many'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toBe('--images is "many"; give a whole number from 200 on\n');
});
