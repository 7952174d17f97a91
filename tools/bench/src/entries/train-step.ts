import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Solver } from '@jacinto/solvers-mixed';
import { allBackends, backendName } from '../backends.ts';
import { verify } from '../check.ts';
import { convolutions, flops } from '../cifar10-convolutions.ts';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { measure, type Subject } from '../measure.ts';
import { caffeTime } from '../peers/caffe.ts';
import { startTorchTraining } from '../peers/training.ts';
import { trainingNet, trainingSolver } from '../training-net.ts';

const batch = 64;

interface Part {
  work: string;
  /** The same part's name in the PyTorch child. */
  torch: string;
  flops: number;
  run(solver: Solver): Promise<void>;
}

const forward = batch * convolutions.reduce((sum, shape) => sum + flops(shape), 0);
const parts: readonly Part[] = [
  { work: 'forward', torch: 'forward', flops: forward, run: async ({ net }) => void (await net.forward()) },
  {
    work: 'forward and backward',
    torch: 'backward',
    flops: 3 * forward,
    async run({ net }) {
      await net.forward();
      await net.backward();
    },
  },
  { work: 'whole step', torch: 'step', flops: 3 * forward, run: (solver) => solver.step(1) },
];

/** A training step of JacintoNet11 on CIFAR-10 shapes: forward, backward, update. */
export const trainStep: BenchEntry = {
  name: 'train-step',
  description: `JacintoNet11 (CIFAR-10, batch ${batch}): forward, backward and update`,
  async run(context) {
    const { backends, notes } = await allBackends();
    const solvers: Solver[] = [];
    const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-'));
    try {
      for (const backend of backends) solvers.push(await trainingSolver(backend, batch));
      const threads = backends.at(-1)!.threads;
      const torch = await startTorchTraining(solvers[0]!, folder, threads);
      context.progress('verifying: equal losses of all, and a loss that falls');
      const losses = await verifySolvers(solvers);
      if (!('absent' in torch)) verify('losses of PyTorch', torch.hello['losses'] as number[], losses, 1e-3);
      const rows: Row[] = [];
      for (const part of parts) {
        context.progress(part.work);
        const subjects: Subject[] = solvers.map((solver, i) => ({
          name: backendName(backends[i]!),
          run: () => part.run(solver),
        }));
        if (!('absent' in torch)) subjects.push(torch.subject('PyTorch', { part: part.torch }));
        const seconds = await measure(subjects, { rounds: context.rounds ?? 5, rest: 20 });
        rows.push(...rowsOf(part, seconds));
        if ('absent' in torch) rows.push({ work: part.work, subject: 'PyTorch', note: torch.absent });
      }
      rows.push(...caffeRows(context, folder, threads));
      if (!('absent' in torch)) {
        notes.push(`PyTorch ${torch.hello['version']}, the better of ${torch.hello['measured']}`);
        torch.end();
      }
      return { rows, notes: ['GFLOP/s counts the convolutions only.', ...notes] };
    } finally {
      for (const solver of solvers) await solver.dispose();
      for (const backend of backends) await backend.dispose();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** Losses before each of four steps, equal on all backends. */
async function verifySolvers(solvers: readonly Solver[]): Promise<number[]> {
  let expected: number[] | undefined;
  for (const solver of solvers) {
    const losses: number[] = [];
    for (let i = 0; i < 4; i++) {
      losses.push(await solver.net.forward());
      await solver.step(1);
    }
    expected ??= losses;
    verify('losses of another backend or number of threads', losses, expected, 1e-4);
    if (!(losses[3]! < losses[0]!)) throw new Error(`the loss does not fall: ${losses.join(', ')}`);
  }
  return expected!;
}

function rowsOf({ work, flops }: Part, seconds: ReadonlyMap<string, number>): Row[] {
  const peer = seconds.get('PyTorch');
  const [[first, single]] = seconds as unknown as [[string, number]];
  return [...seconds].map(([subject, time]) => ({
    ...{ work, subject, seconds: time, rate: flops / time / 1e9, unit: 'GFLOP/s' },
    ...(peer === undefined
      ? subject !== first && { ratio: single / time, against: '1 thread' }
      : subject !== 'PyTorch' && { ratio: peer / time, against: 'PyTorch', ...goalOf(work, subject) }),
  }));
}

/** The project's goals hold for the whole step, on all threads. */
function goalOf(work: string, subject: string): Pick<Row, 'goal'> {
  if (work !== 'whole step' || subject.includes('1 thread')) return {};
  return { goal: subject.includes('onednn') ? 1.5 : 0.35 };
}

/** `caffe time` measures by itself, after the others, and gives no results that could be compared. */
function caffeRows(context: BenchContext, folder: string, threads: number): Row[] {
  context.progress('caffe time');
  const time = caffeTime(context.caffe, trainingNet(batch), folder, threads);
  if ('absent' in time) return [{ work: 'forward and backward', subject: 'caffe time', note: time.absent }];
  const note = 'its own averages, results not compared';
  return [
    { work: 'caffe time, forward', subject: 'caffe', seconds: time.forward, note },
    { work: 'caffe time, forward and backward', subject: 'caffe', seconds: time.both, note },
  ];
}
