import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Backend } from '@jacinto/core-tensor';
import type { Net } from '@jacinto/net';
import { allBackends, backendName } from '../backends.ts';
import { verify } from '../check.ts';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { readFloats, writeFloats } from '../floats.ts';
import { type LayerTimes, layerLines, ourLayerTimes } from '../layer-times.ts';
import { measure, type Subject } from '../measure.ts';
import { deployedNet, deployedNets, pixelsOf } from '../nets/deployed.ts';
import { graphOf } from '../nets/graph.ts';
import type { Child } from '../peers/child.ts';
import { profileOnnx, startInferencePeers } from '../peers/inference.ts';

/** Whole nets as deployed (batch norms absorbed, random weights): input given, forward, output read. */
export const infer: BenchEntry = {
  name: 'infer',
  description: 'nets as deployed: picture in, scores out (equal outputs to 1e-3 of the largest)',
  async run(context) {
    const { backends, notes } = await allBackends();
    const rows: Row[] = [];
    const layers: string[] = [];
    for (const [work, prototxt] of deployedNets.filter(([work]) => work.includes(context.only ?? ''))) {
      context.progress(work);
      rows.push(...(await measureNet(work, prototxt, backends, context, layers)));
    }
    for (const backend of backends) await backend.dispose();
    return {
      rows,
      notes: [
        'Goals: onednn at least 1.0× onnxruntime-node, WebAssembly at least 1.3× onnxruntime-web on as many threads.',
        ...notes,
        ...layers,
      ],
    };
  },
};

interface Ours extends Subject {
  run(): Promise<void>;
  net: Net;
  output(): Float32Array;
}

async function measureNet(
  work: string,
  prototxt: string,
  backends: readonly Backend[],
  context: BenchContext,
  layers: string[],
): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-'));
  const nets: Ours[] = [];
  const children: Child[] = [];
  try {
    for (const backend of backends) nets.push(await ours(prototxt, backend, nets[0]?.net));
    const graph = graphOf(nets[0]!.net);
    writeFloats(join(folder, 'input'), pixelsOf(graph.input.shape));
    const expected = nets[0]!.output().slice();
    for (const net of nets.slice(1)) verify(`${work}, ${net.name}`, net.output(), expected, 1e-3);
    const { running, absent } = await startInferencePeers(graph, folder, backends.at(-1)!.threads, context);
    children.push(...running.map(({ child }) => child));
    for (const { name, output } of running) verify(`${work}, ${name}`, readFloats(output), expected, 1e-3);
    const subjects: Subject[] = [...nets, ...running.map(({ name, child }) => child.subject(name))];
    const seconds = await measure(subjects, { rounds: context.rounds ?? 5, sampleSeconds: 0.1, rest: 60 });
    if (context.layers) {
      const runners: [string, LayerTimes][] = [];
      for (const { name, net, run } of nets) runners.push([name, await ourLayerTimes(net, run)]);
      runners.push(['onnxruntime-node', await profileOnnx(graph, folder, backends.at(-1)!.threads)]);
      layers.push('', work, ...layerLines(runners));
    }
    const memory = new Map(nets.map(({ name, net }) => [name, memoryText(net)]));
    const hints = new Map(running.map(({ name, note }) => [name, note]));
    return [
      ...[...seconds].map(([subject, time]) => ({
        ...{ work, subject, seconds: time, note: memory.get(subject) ?? hints.get(subject) },
        ...comparison(subject, seconds),
      })),
      ...absent.map(({ name, reason }) => ({ work, subject: name, note: reason })),
    ];
  } finally {
    for (const child of children) child.end();
    for (const { net } of nets) await net.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Each of our backends beside the peer of its kind: native beside native, WebAssembly beside WebAssembly. */
function comparison(subject: string, seconds: ReadonlyMap<string, number>): Pick<Row, 'ratio' | 'against' | 'goal'> {
  if (!subject.startsWith('jacinto')) return {};
  const native = subject.includes('onednn');
  const threads = subject.slice(subject.indexOf(','));
  const against = native ? `onnxruntime-node${threads}` : `onnxruntime-web${threads}`;
  const peer = seconds.get(against);
  if (peer === undefined) return {};
  return { ratio: peer / seconds.get(subject)!, against, goal: native ? 1 : 1.3 };
}

async function ours(prototxt: string, backend: Backend, first: Net | undefined): Promise<Ours> {
  const net = await deployedNet(prototxt, backend);
  if (first !== undefined) net.copyTrainedFrom(first.toProto());
  const [input, output] = [net.inputs[0]!.tensor, net.outputs[0]!.tensor];
  const pixels = pixelsOf(input.shape);
  const run = async () => {
    input.data.hostWrite().set(pixels);
    await net.forward();
    output.data.hostRead();
  };
  await run();
  return { name: backendName(backend), run, net, output: () => output.data.hostRead() };
}

function memoryText(net: Net): string {
  const { data, params } = net.memoryBytes;
  return `blobs ${(data / 2 ** 20).toFixed(1)} MiB, weights ${(params / 2 ** 20).toFixed(1)} MiB`;
}
