import type { Backend } from '@jacinto/core-tensor';
import { type NetParameter, readNet } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { presentBackends } from '../testing/backends.ts';
import { buildNet, difference, fillInputs, runNet } from '../testing/fusion-run.ts';
import { cifar10Full } from './cifar10-full.ts';
import { lenet } from './lenet.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet50 } from './resnet50.ts';
import { squeezenet } from './squeezenet.ts';

// The plan changes no result beyond rounding. On the CPU backend not even that: a fused ReLU is the same function of the
// same f32 value, and sums run in the same order. oneDNN gave the same bits too where this was written; another version
// may take another kernel for a convolution with a ReLU: 1e-5 of an array's largest value, as in its test suite.
const tolerances: Record<string, number> = { cpu: 0, onednn: 1e-5 };

const backends = await presentBackends(2);
afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

// Small pictures: what counts is which layers stand behind which.
const networks: Record<string, string> = {
  LeNet: lenet(),
  cifar10_full: cifar10Full(),
  SqueezeNet: squeezenet({ size: 67 }),
  MobileNet: mobilenet({ size: 32 }),
};

async function compare(param: NetParameter, backend: Backend, phase: 'TRAIN' | 'TEST'): Promise<void> {
  const run = (fusion: boolean) => runNet(param, { backend, phase, fusion });
  const fused = await run(true);
  expect(fused.get('loss')![0], 'the loss is a number').toBeGreaterThan(0);
  const { worst, where } = difference(fused, await run(false));
  if (worst > 0) process.stderr.write(`${backend.name} ${phase} ${worst} ${where}\n`);
  expect(worst, where).toBeLessThanOrEqual(tolerances[backend.name]!);
  if (phase === 'TRAIN') expect(difference(fused, await run(true))).toEqual({ worst: 0, where: 'nowhere' });
}

describe.each(backends.map((backend) => [backend.name, backend] as const))('on the %s backend', (_, backend) => {
  test.each(Object.entries(networks))(
    '%s: the same fused or not, and the same twice',
    async (_name, text) => {
      for (const phase of ['TRAIN', 'TEST'] as const) await compare(readNet(text), backend, phase);
    },
    300_000,
  );

  test('ResNet-50 gives the same where blobs take turns in memory', async () => {
    const losses: number[] = [];
    for (const reuseBuffers of [false, true]) {
      const options = { reuseBuffers };
      const net = await buildNet(readNet(resnet50({ size: 64 })), { backend, phase: 'TEST', options });
      fillInputs(net);
      for (let pass = 0; pass < 2; pass++) losses.push(await net.forward());
      await net.dispose();
    }
    const [alone] = losses as [number];
    expect(alone).toBeGreaterThan(0);
    const bound = tolerances[backend.name]! * alone;
    for (const loss of losses) expect(Math.abs(loss - alone)).toBeLessThanOrEqual(bound);
  }, 300_000);
});
