import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from '../entry.ts';
import { writeFloats } from '../floats.ts';
import { type LayerTimes, onnxLayerTimes } from '../layer-times.ts';
import type { Graph } from '../nets/graph.ts';
import { onnxBytes } from '../nets/onnx.ts';
import { Child } from './child.ts';
import { absence, installPeer } from './installed.ts';
import { startPython } from './python.ts';

/** A peer that runs the net, and the file of its first output. */
export interface InferencePeer {
  name: string;
  child: Child;
  output: string;
  note?: string;
}

/** A peer that has not been started. */
export interface WaitingPeer {
  name: string;
  /** The file that its first output will be written to. */
  output: string;
  start(): Promise<Child | { absent: string }>;
}

/**
 * Every peer that can run the graph, whose input lies as raw floats in `folder`/input: ONNX Runtime native and in
 * WebAssembly (on one thread and on all), and PyTorch, in that memory layout or in the faster one.
 */
export function inferencePeers(
  graph: Graph,
  folder: string,
  threads: number,
  context: BenchContext,
  layout?: 'contiguous' | 'channels_last',
): WaitingPeer[] {
  writeFileSync(join(folder, 'model.onnx'), onnxBytes(graph));
  const weights = join(folder, 'weights');
  writeFileSync(`${weights}.json`, JSON.stringify(withOffsets(graph)));
  writeFloats(weights, ...graph.nodes.flatMap((node) => node.weights.map(({ values }) => values)));
  const onnx = [
    ['onnxruntime-node', threads],
    ['onnxruntime-web', 1],
    ...(threads > 1 ? [['onnxruntime-web', threads]] : []),
  ] as [string, number][];
  const peers = onnx.map(([runtime, count], i) => {
    const output = join(folder, `output${i}`);
    const start = async () => {
      installPeer(runtime, context);
      const child = await startOnnx(runtime, count, graph, folder, output);
      return 'absent' in child ? { absent: absence(child.absent) } : child;
    };
    return { name: named(runtime, count), output, start };
  });
  const output = join(folder, `output${peers.length}`);
  const args = [String(threads), `${weights}.json`, weights, join(folder, 'input'), output];
  const start = () => startPython('torch_infer.py', layout === undefined ? args : [...args, layout], threads);
  return [...peers, { name: named('PyTorch', threads), output, start }];
}

/** Starts all of them. */
export async function startInferencePeers(graph: Graph, folder: string, threads: number, context: BenchContext) {
  const running: InferencePeer[] = [];
  const absent: { name: string; reason: string }[] = [];
  for (const { name, output, start } of inferencePeers(graph, folder, threads, context)) {
    const child = await start();
    if ('absent' in child) absent.push({ name, reason: child.absent });
    else running.push({ name, child, output, note: child.hello['measured'] as string | undefined });
  }
  return { running, absent };
}

function startOnnx(
  runtime: string,
  threads: number,
  graph: Graph,
  folder: string,
  output: string,
  env?: Record<string, string>,
): Promise<Child | { absent: string }> {
  const script = fileURLToPath(new URL('../onnx-child.js', import.meta.url));
  const files = [join(folder, 'model.onnx'), join(folder, 'input'), output];
  const args = [script, runtime, String(threads), ...files, graph.input.shape.join()];
  return Child.start(process.execPath, args, env);
}

/** Time of each node in onnxruntime-node, on the files that `startInferencePeers` wrote; none where it is absent. */
export async function profileOnnx(graph: Graph, folder: string, threads: number): Promise<LayerTimes> {
  const prefix = join(folder, 'profile');
  const env = { JACINTO_BENCH_PROFILE: prefix };
  const child = await startOnnx('onnxruntime-node', threads, graph, folder, join(folder, 'unused'), env);
  if ('absent' in child) return {};
  await child.ask({ run: 15 });
  await child.ask({ end: true });
  child.end();
  const file = readdirSync(folder).find((name) => name.startsWith('profile'))!;
  return onnxLayerTimes(join(folder, file));
}

function named(name: string, threads: number): string {
  return `${name}, ${threads} thread${threads === 1 ? '' : 's'}`;
}

/** The graph with each weight as its offset, in values, and its shape. */
function withOffsets(graph: Graph): object {
  let at = 0;
  const nodes = graph.nodes.map((node) => ({
    ...node,
    weights: node.weights.map(({ shape, values }) => {
      at += values.length;
      return [at - values.length, shape];
    }),
  }));
  return { ...graph, nodes };
}
