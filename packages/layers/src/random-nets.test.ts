import { type Backend, RandomStream } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { NetOptions, NetPlugin } from '@jacinto/net';
import { Phase, readNet } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { presentBackends } from './testing/backends.ts';
import { buildNet, differences, fillInputs, type Outcome, pass } from './testing/fusion-run.ts';
import { type RandomNet, randomNet } from './testing/random-net.ts';

// Nets drawn at random, several passes of batches of another size each: every backend gives what the reference gives,
// with and without fusion, and with blobs that take turns in memory. The seed is in the name of each test; other ones:
// JACINTO_RANDOM_NETS=FIRST,COUNT npx vitest run src/random-nets.test.ts
const reference = createReferenceBackend();
const backends = await presentBackends(2);
afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

const [start = 4000, length = 10] = (process.env['JACINTO_RANDOM_NETS'] ?? '').split(',').filter(Boolean).map(Number);
const seeds = Array.from({ length }, (_, i) => start + i);
/** Of an array's largest value, or of this share of the largest one of its kind. */
const bound = 1e-4;
const share = 0.01;

async function run(
  { text, batches }: RandomNet,
  backend: Backend,
  phase: 'TRAIN' | 'TEST',
  options: Partial<NetOptions> = {},
  plugin?: NetPlugin,
): Promise<Outcome> {
  const net = await buildNet(readNet(text), { backend, phase, options });
  if (plugin !== undefined) net.use(plugin);
  const outcome: Outcome = new Map();
  for (const [i, batch] of batches.entries()) {
    for (const { tensor } of net.inputs) tensor.reshape([batch, ...tensor.shape.slice(1)]);
    fillInputs(net, i);
    for (const [where, values] of await pass(net, net.phase === Phase.TRAIN))
      outcome.set(`${where}, pass ${i}`, values);
  }
  const outputs = net.outputs.map(({ name }) => `blob ${name},`);
  await net.dispose();
  if (options.reuseBuffers !== true) return outcome;
  return new Map([...outcome].filter(([where]) => outputs.some((output) => where.startsWith(output))));
}

/** Changes what each layer makes by about a rounding. */
function rounding(seed: number): NetPlugin {
  const random = new RandomStream(seed, 2);
  return {
    afterLayerForward({ type, tops }) {
      if (type === 'Input' || type === 'Split') return;
      for (const { data } of tops) {
        const values = data.hostUpdate<Float32Array>();
        for (let i = 0; i < values.length; i++) values[i]! *= 1 + 4e-7 * (random.uniform(0, 1) - 0.5);
      }
    },
  };
}

describe.each(seeds)('seed %i', (seed) => {
  const net = randomNet(seed);
  const phase = seed % 3 === 0 ? 'TEST' : 'TRAIN';
  const first = run(net, reference, phase, { fusion: false });
  let noise: Map<string, number>[] | undefined;

  /** What differs by more than the bound, and by more than ten roundings of everything make. */
  async function wrong(outcome: Outcome): Promise<string[]> {
    const expected = await first;
    const all = [...differences(outcome, expected, share)].filter(([, error]) => !(error <= bound));
    if (all.length > 0 && noise === undefined) {
      noise = [];
      for (const stream of [0, 1, 2]) {
        const moved = await run(net, reference, phase, { fusion: false }, rounding(stream));
        noise.push(differences(moved, expected, share));
      }
    }
    return all
      .filter(([where, error]) => !(error <= 10 * Math.max(...noise!.map((each) => each.get(where)!))))
      .map(([where, error]) => `${where}: ${error}`);
  }

  test.each(backends.map((backend) => [backend.name, backend] as const))('%s', async (name, backend) => {
    const apart = await run(net, backend, phase, { fusion: false });
    const fused = await run(net, backend, phase, { fusion: true });
    expect(await wrong(apart), net.text).toEqual([]);
    expect(await wrong(fused), net.text).toEqual([]);
    const same = name === 'cpu' ? [...differences(fused, apart)].filter(([, error]) => error > 0) : [];
    expect(same, net.text).toEqual([]);
    if (phase === 'TRAIN') return;
    expect(await wrong(await run(net, backend, phase, { reuseBuffers: true })), net.text).toEqual([]);
  });
});
