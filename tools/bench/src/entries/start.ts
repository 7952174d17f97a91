import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchEntry, Row } from '../entry.ts';
import { measure, type Subject } from '../measure.ts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..', '..');
const caffe = join(root, 'packages', 'caffe', 'dist', 'cli.js');

/** Time from the command to its first iteration, beside Node's own start. */
export const start: BenchEntry = {
  name: 'start',
  description: 'from the command to its first iteration (the net of the quick start, batch 64)',
  async run() {
    const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-'));
    try {
      writeFiles(folder);
      const subjects: Subject[] = [
        { name: 'node, an empty program', run: () => until(['--eval', '0'], folder) },
        { name: 'caffe device_query', run: () => until([caffe, 'device_query'], folder) },
        {
          name: 'caffe train, first iteration',
          run: () => until([caffe, 'train', '--solver', 'solver.prototxt'], folder, /Iteration 0 .*loss = /),
        },
      ];
      const seconds = await measure(subjects, { rounds: 5, sampleSeconds: 0 });
      const base = seconds.get(subjects[0]!.name)!;
      const rows: Row[] = [...seconds].map(([subject, time]) => ({
        ...{ work: 'start', subject, seconds: time },
        ...(time === base ? {} : { ratio: time / base, against: 'the time of an empty program' }),
      }));
      return { rows };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function writeFiles(folder: string): void {
  const quick = readFileSync(join(root, 'examples', 'quick-start', 'train_test.prototxt'), 'utf8');
  const dummy = `layer {
    name: "data" type: "DummyData" top: "data" top: "label" dummy_data_param {
      shape { dim: 64 dim: 3 dim: 32 dim: 32 } shape { dim: 64 } data_filler { type: "uniform" max: 255 } data_filler { type: "constant" value: 3 }
    }
  }`;
  const body = quick.slice(quick.indexOf('layer {  # pixels'));
  writeFileSync(join(folder, 'net.prototxt'), `name: "start"\n${dummy}\n${body}`);
  const solver =
    'net: "net.prototxt" base_lr: 0.01 lr_policy: "fixed" display: 1 max_iter: 1 random_seed: 1 snapshot_after_train: false\n';
  writeFileSync(join(folder, 'solver.prototxt'), solver);
}

/** Runs node until a line matches (then it is ended), or to its end. @throws where it fails or the line never comes. */
function until(args: readonly string[], folder: string, line?: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: folder });
    let text = '';
    let found = false;
    const read = (chunk: Buffer) => {
      text += chunk;
      if (line === undefined || found || !line.test(text)) return;
      found = true;
      child.kill();
      resolve();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.on('error', reject);
    child.on('close', (code) => {
      if (found) return;
      if (line === undefined && code === 0) resolve();
      else reject(new Error(`${args.join(' ')} ended with code ${code}:\n${text.slice(-2000)}`));
    });
  });
}
