import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { Net, NetPlugin } from '@jacinto/net';
import { readNet } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { buildNet, difference, fillInputs, pass, runNet } from './testing/fusion-run.ts';

// Batch norm and ReLU as one operation, or one after the other: the same numbers (the ReLU of a value that was rounded
// to f32 is the same in both; sums run in one order), and what a user can look at is what each layer makes.
const backends: Backend[] = [createReferenceBackend(), await createCpuBackend({ threads: 2 })];
afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

const chain = (slope = 0, more = ''): string => `
  layer { name: "data" type: "Input" top: "data" top: "label" input_param { shape { dim: 3 dim: 2 dim: 5 dim: 5 } shape { dim: 3 } } }
  layer { name: "conv" type: "Convolution" bottom: "data" top: "conv" convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "msra" } } }
  layer { name: "bn" type: "BatchNorm" bottom: "conv" top: "bn" batch_norm_param { scale_bias: true } }
  layer { name: "relu" type: "ReLU" bottom: "bn" top: "bn" relu_param { negative_slope: ${slope} } }
  ${more}
  layer { name: "ip" type: "InnerProduct" bottom: "bn" top: "ip" inner_product_param { num_output: 3 weight_filler { type: "xavier" } } }
  layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip" bottom: "label" top: "loss" }`;

const spied = async (text: string, backend: Backend, phase: 'TRAIN' | 'TEST' = 'TRAIN') => {
  const net = await buildNet(readNet(text), { backend, phase });
  fillInputs(net);
  const calls: string[] = [];
  for (const { name, layer } of net.layers) {
    const own = layer as { forward: unknown; backward: unknown };
    for (const way of ['forward', 'backward'] as const) {
      const original = (own[way] as (...list: unknown[]) => unknown).bind(layer);
      own[way] = (...list: unknown[]) => {
        calls.push(`${name} ${way}`);
        return original(...list);
      };
    }
  }
  const ran = (name: string): string[] => calls.filter((call) => call.startsWith(`${name} `));
  return { net, calls, ran };
};

describe.each(backends.map((backend) => [backend.name, backend] as const))('on the %s backend', (_, backend) => {
  test.each([0, 0.125])('BatchNorm does the work of a ReLU behind it, slope %s', async (slope) => {
    const { net, ran } = await spied(chain(slope), backend);
    const outcome = await pass(net, true);
    expect(ran('relu')).toEqual([]);
    expect(ran('bn')).toEqual(['bn forward', 'bn backward']);
    const apart = await runNet(readNet(chain(slope)), { backend, fusion: false });
    expect(difference(outcome, apart)).toEqual({ worst: 0, where: 'nowhere' });
    expect(Math.min(...outcome.get('blob bn')!)).toBeLessThanOrEqual(0);
    expect(difference(outcome, await runNet(readNet(chain(slope)), { backend })).worst).toBe(0);
    await net.dispose();
  });

  test('so does it in TEST, and in place', async () => {
    const text = chain()
      .replace('"conv" top: "bn"', '"conv" top: "conv"')
      .replaceAll('"bn" top: "bn"', '"conv" top: "conv"');
    const inPlace = text.replace('bottom: "bn" top: "ip"', 'bottom: "conv" top: "ip"');
    for (const phase of ['TEST', 'TRAIN'] as const) {
      const { net, ran } = await spied(inPlace, backend, phase);
      const outcome = await pass(net, phase === 'TRAIN');
      expect(ran('relu')).toEqual([]);
      expect(difference(outcome, await runNet(readNet(inPlace), { backend, phase, fusion: false })).worst).toBe(0);
      await net.dispose();
    }
  });

  test('InnerProduct does it in TEST, slope 0.125, and leaves backward to the ReLU', async () => {
    const rectified =
      'layer { name: "relu2" type: "ReLU" bottom: "ip" top: "ip" relu_param { negative_slope: 0.125 } }';
    const text = `force_backward: true ${chain().replace('layer { name: "loss"', `${rectified} layer { name: "loss"`)}`;
    const { net, ran } = await spied(text, backend, 'TEST');
    const outcome = await pass(net, true);
    expect(ran('relu2')).toEqual(['relu2 backward']);
    expect(Math.min(...outcome.get('blob ip')!)).toBeLessThan(0);
    const step = net.plan().steps.find(({ layer }) => layer === 'ip')!;
    expect(step).toMatchObject({ does: { layer: 'relu2', backward: false } });
    expect(step.operations).toContain('gemm + relu');
    const apart = await runNet(readNet(text), { backend, phase: 'TEST', fusion: false, backward: true });
    expect(difference(outcome, apart).worst).toBe(0);
    await net.dispose();
    const training = await spied(text, backend);
    await pass(training.net, true);
    expect(training.ran('relu2')).toEqual(['relu2 forward', 'relu2 backward']);
    await training.net.dispose();
  });

  test('gradients through global statistics', async () => {
    const text = `force_backward: true ${chain()}`;
    const { net, ran } = await spied(text, backend, 'TEST');
    const outcome = await pass(net, true);
    expect(ran('relu')).toEqual(['relu backward']);
    const apart = await runNet(readNet(text), { backend, phase: 'TEST', fusion: false, backward: true });
    expect(difference(outcome, apart).worst).toBe(0);
    await net.dispose();
  });
});

describe('where nothing is fused', () => {
  const [backend] = backends as [Backend];
  const unfused = async (text: string, prepare: (net: Net) => void = () => {}): Promise<string[]> => {
    const { net, ran } = await spied(text, backend);
    prepare(net);
    await pass(net, true);
    await net.dispose();
    return ran('relu');
  };
  const both = ['relu forward', 'relu backward'];

  test('a ReLU with a top of its own, for then its bottom can be read', async () => {
    const text = chain()
      .replace('bottom: "bn" top: "bn"', 'bottom: "bn" top: "r"')
      .replace('"bn" top: "ip"', '"r" top: "ip"');
    expect(await unfused(text)).toEqual(both);
  });

  test('compat and JACINTO_FUSION=0', async () => {
    const net = await buildNet(readNet(chain()), { backend, options: { compat: 'caffe-jacinto-0.17' } });
    expect(net.fusions).toEqual([]);
    process.env['JACINTO_FUSION'] = '0';
    try {
      expect(await unfused(chain())).toEqual(both);
    } finally {
      delete process.env['JACINTO_FUSION'];
    }
  });

  test('debug lines, hooks around layers, and hooks that may read gradients', async () => {
    const hook = (): void => {};
    const using = (plugin: NetPlugin) => unfused(chain(), (net) => net.use(plugin));
    expect(await unfused(chain(), (net) => Object.assign(net, { debugInfo: true }))).toEqual(both);
    expect(await using({ afterLayerForward: hook })).toEqual(both);
    expect(await using({ afterBackward: hook })).toEqual(['relu backward']);
    expect(await using({ ignoresBlobs: true, beforeLayerForward: hook, afterBackward: hook })).toEqual([]);
    expect(await using({ beforeForward: hook, afterForward: hook })).toEqual([]);
  });

  test('a hook sees what each layer makes', async () => {
    const least: Record<string, number> = {};
    const { net } = await spied(chain(), backend);
    await pass(net, true);
    net.use({
      async afterLayerForward({ name, tops }) {
        for (const top of tops) least[name] = Math.min(...(await top.data.read()));
      },
    });
    await pass(net, true);
    expect(least['bn']).toBeLessThan(-0.5);
    expect(least['relu']).toBe(0);
    await net.dispose();
  });

  test('a layer between them; behind them, it leaves backward to the ReLU', async () => {
    const dropout = 'layer { name: "drop" type: "Dropout" bottom: "bn" top: "bn" }';
    const between = chain().replace('layer { name: "relu"', `${dropout} layer { name: "relu"`);
    expect(await unfused(between)).toEqual(both);
    expect(await unfused(chain(0, dropout))).toEqual(['relu backward']);
    const run = (fusion: boolean) => runNet(readNet(chain(0, dropout)), { backend, fusion });
    expect(difference(await run(true), await run(false)).worst).toBe(0);
  });

  test('passes over part of the net that take one of the two', async () => {
    const { net, calls, ran } = await spied(chain(0.5), backend);
    const apart = await buildNet(readNet(chain(0.5)), { backend, fusion: false });
    fillInputs(apart);
    const compare = async (what: (each: Net) => unknown): Promise<void> => {
      await what(net);
      await what(apart);
      for (const [name, tensor] of net.blobs) {
        expect([...(await tensor.data.read())], name).toEqual([...(await apart.blob(name).data.read())]);
      }
      for (const [i, { tensor }] of net.learnableParams.entries()) {
        expect([...(await tensor.diff.read())]).toEqual([...(await apart.learnableParams[i]!.tensor.diff.read())]);
      }
    };
    await compare((each) => each.forward());
    await compare((each) => each.backward({ from: 'relu' }));
    expect(ran('relu')).toEqual(['relu backward']);
    await compare((each) => each.backward({ to: 'bn' }));
    await compare((each) => each.forward({ to: 'bn' }));
    await compare((each) => each.forward({ from: 'relu' }));
    await compare((each) => each.backward());
    expect(ran('relu')).toEqual(['relu backward', 'relu forward', 'relu backward']);
    await compare((each) => each.forward({ to: 'relu' }));
    await compare((each) => each.forward({ from: 'ip' }));
    calls.length = 0;
    await compare((each) => each.backward());
    expect(ran('relu')).toEqual([]);
    await net.dispose();
    await apart.dispose();
  });
});
