import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli } from './testing/run-cli.ts';
import { copyGolden, goldenFiles, hasGoldenFiles, temporaryFolder } from './testing/shared-files.ts';

const root = hasGoldenFiles ? temporaryFolder() : '';

/** What tools/extra/parse_log.py of Caffe reads from a log: its regular expressions and its rules, no more. */
function parseLog(text: string) {
  const lines = text.trimEnd().split('\n');
  const start = lines.findIndex((line) => line.includes('Solving'));
  expect(start, 'the line from which time counts').toBeGreaterThan(0);
  const rows = { train: [] as string[][], test: [] as string[][], rates: [] as string[][] };
  let iteration = '';
  for (const line of lines) {
    iteration = /Iteration (\d+)/.exec(line)?.[1] ?? iteration;
    if (iteration === '') continue;
    // every line after the first "Iteration" must begin with glog's date and time
    expect(line).toMatch(/^[IWE]\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ \S+:\d+\] /);
    const rate = /lr = ([-+]?[0-9]*\.?[0-9]+([eE]?[-+]?[0-9]+)?)/.exec(line);
    if (rate !== null) rows.rates.push([iteration, rate[1]!]);
    const train = /Train net output #(\d+): (\S+) = ([.\deE+-]+)/.exec(line);
    if (train !== null) rows.train.push([iteration, ...train.slice(1)]);
    const test = /Test net output #(\d+): (\S+) = ([.\deE+-]+)/.exec(line);
    if (test !== null) rows.test.push([iteration, ...test.slice(1)]);
  }
  return rows;
}

describe.skipIf(!hasGoldenFiles)('parse_log.py (skipped where ../shared/golden/files is absent)', () => {
  it('reads our log as it reads real Caffe’s', async () => {
    const cwd = mkdtempSync(join(root, 'log-'));
    copyGolden(cwd);
    const args = ['train', '--solver=solver_sgd/solver.prototxt', '--weights=init.caffemodel', '--compat=bvlc'];
    const { code, stderr } = await runCli(args, { cwd });
    expect(code, stderr).toBe(0);
    const ours = parseLog(stderr);
    const theirs = parseLog(readFileSync(join(goldenFiles, 'solver_sgd/train.log'), 'utf8'));
    expect(ours.rates).toEqual(theirs.rates);
    for (const kind of ['train', 'test'] as const) {
      expect(ours[kind].map((row) => row.slice(0, 3))).toEqual(theirs[kind].map((row) => row.slice(0, 3)));
      ours[kind].forEach((row, i) => {
        expect(Number(row[3]) / Number(theirs[kind][i]![3])).toBeCloseTo(1, 4);
      });
    }
    expect(ours.test).toHaveLength(6);
  });
});
