import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { readFloats, writeFloats } from './floats.ts';
import { requirePeer } from './peers/installed.ts';
import { processMemory } from './process-memory.ts';

// Runs in a process of its own, for ONNX Runtime counts threads once a process: onnxruntime-node or onnxruntime-web on
// one net. Protocol: see peers/child.ts. `node onnx-child.js PACKAGE THREADS MODEL INPUT OUTPUT DIMS`.

interface Session {
  run(feeds: Record<string, unknown>): Promise<Record<string, { data: Float32Array }>>;
  outputNames: string[];
  /** Writes the profile. */
  endProfiling(): void;
}

interface OnnxRuntime {
  env: { wasm: { numThreads?: number; proxy?: boolean }; logLevel?: string };
  InferenceSession: { create(model: Uint8Array, options: object): Promise<Session> };
  Tensor: new (type: string, data: Float32Array, dims: number[]) => unknown;
}

const [name, threads, model, input, output, dims] = process.argv.slice(2) as [string, ...string[]];
const profile = process.env['JACINTO_BENCH_PROFILE'];
const say = (answer: object) => process.stdout.write(`${JSON.stringify(answer)}\n`);
try {
  const runtime = requirePeer(name) as OnnxRuntime;
  const { now: before } = processMemory();
  const web = name === 'onnxruntime-web';
  if (web) runtime.env.wasm.numThreads = Number(threads);
  const session = await runtime.InferenceSession.create(readFileSync(model!), {
    executionProviders: [web ? 'wasm' : 'cpu'],
    intraOpNumThreads: Number(threads),
    interOpNumThreads: 1,
    graphOptimizationLevel: 'all',
    enableProfiling: profile !== undefined,
    profileFilePrefix: profile,
  });
  const pixels = readFloats(input!);
  const run = () => session.run({ data: new runtime.Tensor('float32', pixels, dims!.split(',').map(Number)) });
  const result = (await run())[session.outputNames[0]!]!.data;
  writeFloats(output!, result);
  say({});
  for await (const line of createInterface({ input: process.stdin })) {
    const { run: count, end, memory } = JSON.parse(line) as { run?: number; end?: boolean; memory?: boolean };
    if (end) session.endProfiling();
    for (let i = 0; i < (count ?? 0); i++) await run();
    say(memory ? { before, peak: processMemory().peak } : {});
  }
} catch (error) {
  say({ error: error instanceof Error ? error.message : String(error) });
}
process.exit(0); // its worker threads would keep it
