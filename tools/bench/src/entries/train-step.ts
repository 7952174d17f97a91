import type { Solver } from '@jacinto/solvers-mixed';
import { allBackends, backendName } from '../backends.ts';
import { verify } from '../check.ts';
import type { BenchEntry, Row } from '../entry.ts';
import { convolutions, flops } from '../jacintonet11.ts';
import { measure, type Subject } from '../measure.ts';
import { trainingSolver } from '../training-net.ts';

const batch = 64;

/** A training step of JacintoNet11 on CIFAR-10 shapes: forward, backward, update. */
export const trainStep: BenchEntry = {
  name: 'train-step',
  description: `JacintoNet11 (CIFAR-10, batch ${batch}): forward, backward and update`,
  async run(context) {
    const { backends, notes } = await allBackends();
    const solvers: Solver[] = [];
    for (const backend of backends) solvers.push(await trainingSolver(backend, batch));
    context.progress('verifying: equal losses on every backend, and a loss that falls');
    await verifySolvers(solvers);
    const subjects = (run: (solver: Solver) => void | Promise<void>): Subject[] =>
      solvers.map((solver, i) => ({ name: backendName(backends[i]!), run: () => run(solver) }));
    const rows: Row[] = [];
    const forward = batch * convolutions.reduce((sum, shape) => sum + flops(shape), 0);
    const parts: [string, number, (solver: Solver) => Promise<void>][] = [
      ['forward', forward, async ({ net }) => void (await net.forward())],
      [
        'forward and backward',
        3 * forward,
        async ({ net }) => {
          await net.forward();
          await net.backward();
        },
      ],
      ['whole step', 3 * forward, (solver) => solver.step(1)],
    ];
    for (const [work, operations, run] of parts) {
      context.progress(work);
      rows.push(...rowsOf(work, operations, await measure(subjects(run), { rounds: 5 }), backendName(backends[0]!)));
    }
    for (const solver of solvers) await solver.dispose();
    for (const backend of backends) await backend.dispose();
    return { rows, notes: ['GFLOP/s counts the convolutions only.', ...notes] };
  },
};

async function verifySolvers(solvers: readonly Solver[]): Promise<void> {
  const losses: number[][] = [];
  for (const solver of solvers) {
    const own = [await solver.net.forward()];
    await solver.step(6);
    own.push(await solver.net.forward());
    losses.push(own);
  }
  for (const own of losses) {
    verify('losses of another backend or number of threads', own, losses[0]!, 1e-4);
    if (!(own[1]! < own[0]!)) throw new Error(`the loss does not fall: ${own.join(', ')}`);
  }
}

function rowsOf(work: string, operations: number, seconds: ReadonlyMap<string, number>, first: string): Row[] {
  const single = seconds.get(first)!;
  return [...seconds].map(([subject, time]) => ({
    ...{ work, subject, seconds: time, rate: operations / time / 1e9, unit: 'GFLOP/s' },
    ...(subject === first ? {} : { ratio: single / time, against: '1 thread' }),
  }));
}
