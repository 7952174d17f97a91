import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployedNet, deployedNets } from './nets/deployed.ts';
import { trainingSolver } from './training-net.ts';

let backend: Backend;
let allocations = 0;

beforeAll(async () => {
  backend = await createCpuBackend({ threads: 2 });
  const { host } = backend;
  const allocate = host.allocate.bind(host);
  host.allocate = (bytes) => {
    allocations++;
    return allocate(bytes);
  };
});
afterAll(() => backend.dispose());

/** Runs it until it has all it needs, then watches ten runs more. */
async function expectSteady(run: () => unknown): Promise<void> {
  allocations = 0;
  for (let i = 0; i < 3; i++) await run();
  expect(allocations, 'pieces of memory asked for by the first runs').toBeGreaterThan(10);
  const { usedBytes, peakBytes } = backend.host;
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  allocations = 0;
  for (let i = 0; i < 10; i++) await run();
  const late = process.memoryUsage();
  expect(allocations, 'pieces of memory asked for later').toBe(0);
  expect([backend.host.usedBytes, backend.host.peakBytes]).toEqual([usedBytes, peakBytes]);
  // Collected or not: what ten runs leave behind is less than one copy of any blob of size.
  expect(late.arrayBuffers - arrayBuffers, 'bytes of arrays').toBeLessThan(100_000);
  expect(late.heapUsed - heapUsed, 'bytes of objects').toBeLessThan(5_000_000);
}

it('a training step allocates nothing', async () => {
  const solver = await trainingSolver(backend, 2);
  await expectSteady(() => solver.step(1));
  await solver.dispose();
});

it.each(deployedNets.filter(([name]) => /JacintoNet11.*batch 1$|MobileNet/.test(name)))(
  'inference allocates nothing: %s',
  async (_, prototxt) => {
    const net = await deployedNet(prototxt, backend);
    const [input, output] = [net.inputs[0]!.tensor.data, net.outputs[0]!.tensor.data];
    await expectSteady(async () => {
      input.hostWrite().fill(0.5);
      await net.forward();
      output.hostRead();
    });
    await net.dispose();
  },
);
