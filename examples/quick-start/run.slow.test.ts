import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'jacinto-quick-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const script = join(import.meta.dirname, 'run.mjs');
const env = { ...process.env, JACINTO_THREADS: '1' };
const argsFor = (...more: string[]) => [script, '--images', '400', '--iterations', '60', '--out', folder, ...more];
const run = (...more: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, argsFor(...more), { encoding: 'utf8', env });

const stages = ['initial', 'l1reg', 'sparse', 'test', 'quantized', 'optimize', 'merged'];

/** Starts a run and presses Ctrl-C as soon as the sparse stage has trained a step. */
function stopped(): Promise<{ code: number | null; stderr: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, argsFor(), { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    const log = join(folder, 'sparse', 'run.log.part');
    const watch = setInterval(() => {
      if (!existsSync(log) || !readFileSync(log, 'utf8').includes('Iteration 0, lr')) return;
      clearInterval(watch);
      child.kill('SIGINT');
    }, 20);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', (code) => {
      clearInterval(watch);
      done({ code, stderr });
    });
  });
}

it('runs every stage, goes on after Ctrl-C, and does nothing twice', { timeout: 600_000 }, async () => {
  const first = await stopped();
  expect(first.stderr).toMatch(/^Sparse was stopped at iteration \d+; the same command goes on from there\n$/);
  expect(first.code).toBe(130);
  expect(existsSync(join(folder, 'sparse', 'run.log'))).toBe(false);

  const second = run();
  expect(second.status, second.stderr).toBe(0);
  expect(second.stdout).toContain('Initial: done already');
  expect(second.stdout).toMatch(
    /caffe train --solver=sparse\/solver.prototxt --snapshot=sparse\/sparse_iter_\d+\.solverstate/,
  );
  expect(second.stdout).toMatch(/\nstage +accuracy +zeros +file +at 8 bits +no zeros +MACs left +time\n/);
  for (const title of ['Initial', 'L1', 'Sparse', 'Test', '8 bits', 'Absorbed']) {
    const [, accuracy] = new RegExp(`\n${title} +(\\S+) %  +\\S+ %  +165`).exec(second.stdout) ?? [];
    expect(Number(accuracy), `${title} in ${second.stdout}`).toBeGreaterThan(20); // ten classes: chance is 10
  }
  expect(second.stdout).toMatch(/\nInitial .* 0\.0 % .* 6\.01 M \(100 %\)/);
  expect(second.stdout).toContain('With the batch norms absorbed the accuracy is the same; outputs compared: ');
  expect(readFileSync(join(folder, 'quantized', 'saved.prototxt'), 'utf8')).toContain('quantize: true');
  for (const file of ['deploy.prototxt', 'merged.caffemodel', 'sparse/sparse_iter_45.caffemodel'])
    expect(statSync(join(folder, file)).size, file).toBeGreaterThan(1000);

  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  for (const stage of stages) expect(page).toContain(`<article id="${stage}">`);
  expect(page.match(/<svg role="img" aria-label="Loss of the training/g)).toHaveLength(3);
  expect(page.match(/<figure class="(right|wrong)">/g)).toHaveLength(40);
  expect(page).not.toMatch(/(src|href)="(?!#|data:)/); // nothing from elsewhere

  const third = run();
  expect(third.stdout).not.toMatch(/ caffe (train|test|optimize) --/);
  const ending = (text: string) => text.slice(text.indexOf('\nstage '));
  expect(ending(third.stdout)).toBe(ending(second.stdout));

  const other = run('--images', '600');
  expect(other.status).toBe(1);
  expect(other.stderr).toBe(
    `${folder} holds a run with --images 400; --fresh begins anew, --out takes another folder\n`,
  );
});

it.skipIf(spawnSync('chromium', ['--version']).status !== 0)(
  'opens in a browser (skipped without chromium)',
  { timeout: 120_000 },
  () => {
    const picture = join(folder, 'report.png');
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--window-size=1200,2000',
      `--user-data-dir=${folder}/browser`,
    ];
    const { stdout } = spawnSync('chromium', [...flags, '--dump-dom', `file://${folder}/report.html`], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
    });
    expect(stdout).toContain('<h2 id="results">Results</h2>');
    spawnSync('chromium', [...flags, `--screenshot=${picture}`, `file://${folder}/report.html`]);
    expect(statSync(picture).size).toBeGreaterThan(50_000);
  },
);

it('says in one line what is wrong with an option', () => {
  const { status, stderr } = spawnSync(process.execPath, [script, '--images', 'many'], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toBe('--images is "many"; give a whole number from 200 on\n');
});
