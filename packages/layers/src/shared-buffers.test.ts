import type { Backend } from '@jacinto/core-tensor';
import type { Net, NetEvent } from '@jacinto/net';
import { readNet } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { cifar10Full } from './networks/cifar10-full.ts';
import { mobilenet } from './networks/mobilenet.ts';
import { squeezenet } from './networks/squeezenet.ts';
import { presentBackends } from './testing/backends.ts';
import { buildNet, fillInputs } from './testing/fusion-run.ts';

// Blobs that take turns in memory give what they give each by itself, to the bit, in a net that needs less memory.
const backends = await presentBackends(2);
afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));
const [cpu] = backends as [Backend];

async function build(text: string, backend: Backend, reuseBuffers: boolean | { keep: string[] }) {
  const events: NetEvent[] = [];
  const options = { reuseBuffers, onEvent: (event: NetEvent) => void events.push(event) };
  const net = await buildNet(readNet(text), { backend, phase: 'TEST', options });
  fillInputs(net);
  return { net, reused: () => events.filter(({ type }) => type === 'buffers-reused') };
}

async function outputsOf(net: Net): Promise<number[][]> {
  await net.forward();
  const all: number[][] = [];
  for (const { tensor } of net.outputs) all.push([...(await tensor.data.read())]);
  return all;
}

const networks = {
  cifar10_full: cifar10Full(),
  SqueezeNet: squeezenet({ size: 67 }),
  MobileNet: mobilenet({ size: 64 }),
};

describe.each(backends.map((backend) => [backend.name, backend] as const))('on the %s backend', (_, backend) => {
  test.each(Object.entries(networks))('%s', async (_name, text) => {
    const own = await build(text, backend, false);
    const shared = await build(text, backend, true);
    const expected = await outputsOf(own.net);
    for (let pass = 0; pass < 2; pass++) expect(await outputsOf(shared.net)).toEqual(expected);
    const [mine, theirs] = [shared.net.memoryBytes.data, own.net.memoryBytes.data];
    expect(shared.reused()).toEqual([{ type: 'buffers-reused', bytes: mine, alone: theirs }]);
    expect(mine).toBeLessThan(0.7 * theirs);
    expect(own.net.plan().memory).toEqual({ alone: theirs, reused: mine });
    await shared.net.dispose();
    await own.net.dispose();
  });
});

const chain = `
  layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 3 dim: 6 dim: 6 } } }
  ${[1, 2, 3, 4].map((i) => `layer { name: "c${i}" type: "Convolution" bottom: "${i === 1 ? 'data' : `c${i - 1}`}" top: "c${i}" convolution_param { num_output: 4 kernel_size: 3 pad: 1 weight_filler { type: "msra" } } }`).join('\n')}
  layer { name: "sum" type: "Eltwise" bottom: "c2" bottom: "c4" top: "sum" }
  layer { name: "out" type: "InnerProduct" bottom: "sum" top: "out" inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }`;

test('blobs that the caller names keep their values', async () => {
  const own = await build(chain, cpu, false);
  const shared = await build(chain, cpu, { keep: ['c1'] });
  expect(await outputsOf(shared.net)).toEqual(await outputsOf(own.net));
  const values = (net: Net, blob: string) => [...net.blob(blob).data.hostRead()];
  expect(values(shared.net, 'c1')).toEqual(values(own.net, 'c1'));
  expect(values(shared.net, 'data')).toEqual(values(own.net, 'data'));
  expect(values(shared.net, 'c3')).not.toEqual(values(own.net, 'c3'));
  await expect(build(chain, cpu, { keep: ['c9'] })).rejects.toThrow('blob "c9" is not known');
});

test('other shapes: larger, smaller, in the middle of a pass', async () => {
  const own = await build(chain, cpu, false);
  const shared = await build(chain, cpu, true);
  for (const batch of [3, 1, 2]) {
    for (const { net } of [own, shared]) {
      net.blob('data').reshape([batch, 3, 6, 6]);
      fillInputs(net);
    }
    const expected = await outputsOf(own.net);
    expect(await outputsOf(shared.net)).toEqual(expected);
    expect(await outputsOf(shared.net)).toEqual(expected);
  }
  expect(shared.net.memoryBytes.data).toBeLessThan(own.net.memoryBytes.data);
  expect(shared.reused().length).toBeGreaterThan(1);
  const used = cpu.host.usedBytes;
  await shared.net.dispose();
  expect(cpu.host.usedBytes).toBeLessThan(used);
});

test('a plug-in that looks at blobs ends it', async () => {
  const own = await build(chain, cpu, false);
  const shared = await build(chain, cpu, true);
  await outputsOf(shared.net);
  shared.net.use({ afterForward: () => {} });
  expect(await outputsOf(shared.net)).toEqual(await outputsOf(own.net));
  for (const [name, { data }] of shared.net.blobs)
    expect([...data.hostRead()]).toEqual([...own.net.blob(name).data.hostRead()]);
  expect(shared.net.memoryBytes).toEqual(own.net.memoryBytes);
});

test('there is no backward', async () => {
  const { net } = await build(chain, cpu, true);
  await net.forward();
  expect(() => net.backward()).toThrow(
    'the net was built with reuseBuffers: its blobs hold nothing that backward could use',
  );
  const train = buildNet(readNet(chain), { backend: cpu, options: { reuseBuffers: true } });
  await expect(train).rejects.toThrow('reuseBuffers is asked for, but the net is a TRAIN net');
});
