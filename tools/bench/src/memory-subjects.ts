import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Backend } from '@jacinto/core-tensor';
import { writeWeightsFile } from '@jacinto/proto/node';
import type { BackendKind } from './backends.ts';
import { verify } from './check.ts';
import type { BenchContext } from './entry.ts';
import { readFloats, writeFloats } from './floats.ts';
import type { MeasuredMemory, MemoryJob } from './memory-child.ts';
import { deployedNet, pixelsOf } from './nets/deployed.ts';
import { graphOf } from './nets/graph.ts';
import { Child } from './peers/child.ts';
import { inferencePeers } from './peers/inference.ts';
import { startTorchTraining } from './peers/training.ts';
import { trainingSolver } from './training-net.ts';

/** Of a peer only the process is known. */
export type Measured = Pick<MeasuredMemory, 'before' | 'peak'> & Partial<MeasuredMemory>;

/** Someone whose memory is measured, each time in a process of its own. */
export interface MemorySubject {
  name: string;
  /** Subjects that its memory is compared with: what the backend gave away, and the process. */
  backendAgainst?: string;
  processAgainst?: string;
  measure(): Promise<Measured | { absent: string }>;
}

/** Training steps: 5, then `growthSteps` over which growth is measured. */
export const growthSteps = 20;

/** The net on our backends, with blobs that take turns and without, and on peers; all load it from files. */
export async function inferenceSubjects(
  work: string,
  prototxt: string,
  kinds: readonly BackendKind[],
  backend: Backend,
  folder: string,
  context: BenchContext,
): Promise<MemorySubject[]> {
  const file = (name: string) => join(folder, name);
  const net = await deployedNet(prototxt, backend);
  const graph = graphOf(net);
  const pixels = pixelsOf(graph.input.shape);
  writeFileSync(file('net.prototxt'), prototxt);
  writeWeightsFile(file('net.caffemodel'), net.toProto());
  writeFloats(file('input'), pixels);
  net.inputs[0]!.tensor.data.hostWrite().set(pixels);
  await net.forward();
  const expected = net.outputs[0]!.tensor.data.hostRead().slice();
  await net.dispose();

  const files = { prototxt: file('net.prototxt'), weights: file('net.caffemodel'), input: file('input') };
  const ours = kinds.flatMap((kind) =>
    [false, true].map((turns): MemorySubject => {
      const output = file('ours');
      const measure = async () => {
        const measured = await ourMemory({ backend: kind, turns, output, ...files });
        if (!('absent' in measured)) verify(`${work}, ${kind}`, readFloats(output), expected, 1e-3);
        return measured;
      };
      if (!turns) return { name: `${nameOf(kind)}, blobs kept`, measure };
      const processAgainst = kind === 'cpu' ? 'onnxruntime-web' : 'onnxruntime-node';
      return { name: nameOf(kind), backendAgainst: `${nameOf(kind)}, blobs kept`, processAgainst, measure };
    }),
  );
  const peers = inferencePeers(graph, folder, backend.threads, context, 'contiguous').map(
    ({ name, start, output }): MemorySubject => ({
      name: name.split(',')[0]!,
      async measure() {
        const measured = await peerMemory(await start(), { run: 3 });
        if (!('absent' in measured)) verify(`${work}, ${name}`, readFloats(output), expected, 1e-3);
        return measured;
      },
    }),
  );
  return [...ours, ...peers.filter(({ name }, i) => peers.findLastIndex((peer) => peer.name === name) === i)];
}

/** JacintoNet11's training on CIFAR-10 shapes, on our backends and in PyTorch. */
export function trainingSubjects(
  batch: number,
  kinds: readonly BackendKind[],
  backend: Backend,
  folder: string,
): MemorySubject[] {
  const ours = kinds.map(
    (kind): MemorySubject => ({
      name: nameOf(kind),
      processAgainst: 'PyTorch',
      measure: () => ourMemory({ backend: kind, batch, steps: growthSteps }),
    }),
  );
  const measure = async () => {
    const solver = await trainingSolver(backend, batch);
    const child = await startTorchTraining(solver, folder, backend.threads, 'contiguous');
    await solver.dispose();
    return peerMemory(child, { run: growthSteps, part: 'step' });
  };
  return [...ours, { name: 'PyTorch', measure }];
}

function nameOf(kind: BackendKind): string {
  return kind === 'cpu' ? 'jacinto' : `jacinto ${kind}`;
}

async function ourMemory(job: MemoryJob): Promise<Measured> {
  const script = fileURLToPath(new URL('memory-child.js', import.meta.url));
  const child = await Child.start(process.execPath, [script, JSON.stringify(job)]);
  if ('absent' in child) throw new Error(child.absent);
  const measured = child.hello as unknown as MeasuredMemory;
  child.end();
  const { data, diff, params, paramDiffs } = measured.net;
  const blobs = data + diff + params + paramDiffs;
  if (!(measured.backendPeak >= blobs && measured.peak > blobs)) {
    throw new Error(
      `${measured.backendPeak} bytes of the backend, ${measured.peak} of the process for ${blobs} of blobs`,
    );
  }
  return measured;
}

async function peerMemory(child: Child | { absent: string }, work: object): Promise<Measured | { absent: string }> {
  if ('absent' in child) return child;
  await child.ask(work);
  const { before, peak } = await child.ask({ memory: true });
  child.end();
  return { before: before as number, peak: peak as number };
}
