import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from '@jacinto/proto';
import { readBytes, readWeightsFile } from '@jacinto/proto/node';
import { describe, expect, it } from 'vitest';
import { logLines, runCli } from './testing/run-cli.ts';
import { temporaryFolder } from './testing/shared-files.ts';
import { dummyNet, dummySolver, writeFiles } from './testing/toy-files.ts';

const root = temporaryFolder();
const wideNet = dummyNet.replace('num_output: 5', 'num_output: 4000'); // about a megabyte of weights
const train = ['train', '--solver=solver.prototxt'];

function folderWith(solver: string): string {
  const folder = mkdtempSync(join(root, 'run-'));
  writeFiles(folder, { 'net.prototxt': wideNet, 'solver.prototxt': solver });
  return folder;
}

/** Checks that every state there can be loaded with its weights; gives the newest iteration. */
function newestWhole(folder: string): number {
  const states = readdirSync(folder).filter((name) => name.endsWith('.solverstate'));
  const iterations = states.map((name) => {
    const { iter, learnedNet } = decode('SolverState', readBytes(join(folder, name)));
    expect(readWeightsFile(join(folder, learnedNet!)).layer.length).toBeGreaterThan(4);
    return iter!;
  });
  return Math.max(...iterations);
}

describe('snapshots survive', () => {
  it('kill -9 at any moment: the last whole one can be resumed', async () => {
    const solver = dummySolver.replace('snapshot: 10', 'snapshot: 1').replace('max_iter: 20', 'max_iter: 100000');
    for (const after of [3, 5, 8]) {
      const cwd = folderWith(solver);
      const { signal } = await runCli(train, {
        cwd,
        // the log names the file just before it is written: killing at once hits the middle of it
        onStderr: (text, child) => {
          if (text.split('Snapshotting').length > 2 * after) child.kill('SIGKILL');
        },
      });
      expect(signal).toBe('SIGKILL');
      const iter = newestWhole(cwd);
      expect(iter).toBeGreaterThanOrEqual(after - 1);
      writeFiles(cwd, { 'short.prototxt': solver.replace('100000', String(iter + 2)) });
      const args = ['train', '--solver=short.prototxt', `--snapshot=dummy_iter_${iter}.solverstate`];
      const resumed = await runCli(args, { cwd });
      expect(resumed.code, resumed.stderr).toBe(0);
    }
  });

  it('a file that cannot grow: the error names it, the earlier snapshot stays whole', async () => {
    const cwd = folderWith(dummySolver);
    expect((await runCli(train, { cwd })).code).toBe(0);
    const before = readFileSync(join(cwd, 'dummy_iter_20.caffemodel'));
    writeFiles(cwd, { 'more.prototxt': dummySolver.replace('max_iter: 20', 'max_iter: 40') });
    const args = ['train', '--solver=more.prototxt', '--snapshot=dummy_iter_20.solverstate'];
    const { code, stderr } = await runCli(args, { cwd, shell: 'trap "" XFSZ; ulimit -f 512; exec "$@"' });
    expect(code).toBe(1);
    expect(logLines(stderr, 'E')).toEqual([
      expect.stringMatching(/^dummy_iter_30.caffemodel: cannot be written: .*; give another folder$/),
    ]);
    expect(readdirSync(cwd).filter((name) => name.includes('iter_30') || name.includes('tmp'))).toEqual([]);
    expect(readFileSync(join(cwd, 'dummy_iter_20.caffemodel')).equals(before)).toBe(true);
    expect(newestWhole(cwd)).toBe(20);
  });

  it('a full disk', async (context) => {
    const disk = join(root, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      context.skip('a small file system cannot be mounted here: not root');
    }
    try {
      writeFiles(disk, {
        'net.prototxt': wideNet,
        'solver.prototxt': dummySolver.replace('max_iter: 20', 'max_iter: 90'),
      });
      const { code, stderr } = await runCli(train, { cwd: disk });
      expect(code).toBe(1);
      expect(logLines(stderr, 'E')).toEqual([
        expect.stringMatching(
          /^dummy_iter_\d+.(caffemodel|solverstate): cannot be written: the disk is full; free some space/,
        ),
      ]);
      const iter = newestWhole(disk);
      expect(iter).toBeGreaterThanOrEqual(10);
      expect(existsSync(join(disk, `dummy_iter_${iter}.caffemodel`))).toBe(true);
      expect(readdirSync(disk).filter((name) => name.includes('tmp'))).toEqual([]);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});
