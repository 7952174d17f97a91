import { readFileSync } from 'node:fs';
import type { Backend } from '@jacinto/core-tensor';
import type { NetMemory } from '@jacinto/net';
import { loadWeightsFile } from '@jacinto/proto/node';
import { type BackendKind, backendOfKind } from './backends.ts';
import { readFloats, writeFloats } from './floats.ts';
import { deployedNet } from './nets/deployed.ts';
import { processMemory } from './process-memory.ts';
import { trainingSolver } from './training-net.ts';

// Runs in a process of its own: one net, as a user runs it, from its files. Says what memory that took and ends.
// Protocol: see peers/child.ts. `node memory-child.js JOB`, a MemoryJob as JSON.

/** What to run: a deployed net three times, or training steps of JacintoNet11. */
export type MemoryJob = { backend: BackendKind } & (
  | { prototxt: string; weights: string; input: string; output: string; turns: boolean }
  | { batch: number; steps: number }
);

/** Bytes. */
export interface MeasuredMemory {
  /** Of the process: with the backend but no net yet, and the most. */
  before: number;
  peak: number;
  /** The most that the backend gave away at once. */
  backendPeak: number;
  net: NetMemory;
  /** By how much the backend's memory and the process grew in the last `steps` training steps. */
  growth?: { backend: number; process: number };
}

type Result = Pick<MeasuredMemory, 'net' | 'growth'>;

async function infer({ ...job }: Extract<MemoryJob, { turns: boolean }>, backend: Backend): Promise<Result> {
  const net = await deployedNet(readFileSync(job.prototxt, 'utf8'), backend, job.turns);
  net.copyTrainedFrom(await loadWeightsFile(job.weights));
  const pixels = readFloats(job.input);
  for (let i = 0; i < 3; i++) {
    net.inputs[0]!.tensor.data.hostWrite().set(pixels);
    await net.forward();
  }
  writeFloats(job.output, net.outputs[0]!.tensor.data.hostRead());
  return { net: net.memoryBytes };
}

async function train({ batch, steps }: Extract<MemoryJob, { batch: number }>, backend: Backend): Promise<Result> {
  const solver = await trainingSolver(backend, batch);
  await solver.step(5);
  const [used, resident] = [backend.host.usedBytes, processMemory().now];
  await solver.step(steps);
  const growth = { backend: backend.host.usedBytes - used, process: processMemory().now - resident };
  return { net: solver.net.memoryBytes, growth };
}

const job = JSON.parse(process.argv[2]!) as MemoryJob;
const backend = await backendOfKind(job.backend);
const { now: before } = processMemory();
const result = await ('turns' in job ? infer(job, backend) : train(job, backend));
const measured: MeasuredMemory = {
  ...{ before, peak: processMemory().peak, backendPeak: backend.host.peakBytes },
  ...result,
};
process.stdout.write(`${JSON.stringify(measured)}\n`, () => process.exit(0));
