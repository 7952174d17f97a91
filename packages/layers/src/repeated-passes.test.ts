import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import type { Net, NetEvent } from '@jacinto/net';
import { readNet } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { buildNet, fillInputs } from './testing/fusion-run.ts';

// Passes that the backend repeats as a whole give to the bit what it gives layer by layer, whatever happens in between.
const onednn = await import('@jacinto/backend-onednn' as string).catch(() => undefined);
const hasOneDnn = (await onednn?.findOneDnn())?.usable === true;

const conv = (name: string, bottom: string, output: number, more = ''): string =>
  `layer { name: "${name}" type: "Convolution" bottom: "${bottom}" top: "${name}" convolution_param { num_output: ${output} weight_filler { type: "msra" } bias_filler { type: "gaussian" std: 1 } ${more} } }
   layer { name: "${name}/relu" type: "ReLU" bottom: "${name}" top: "${name}" }`;
// 24 outputs leave half a block of 16 channels to be filled up; oneDNN has fast kernels for them on all processors.
const text = `
  layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 20 dim: 16 } } }
  ${conv('a', 'data', 16, 'kernel_size: 3 stride: 2 pad: 1')}
  ${conv('dw', 'a', 16, 'kernel_size: 3 pad: 1 group: 16')}
  ${conv('sep', 'dw', 16, 'kernel_size: 1')}
  layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "sep" top: "sum" }
  layer { name: "pool" type: "Pooling" bottom: "sum" top: "pool" pooling_param { pool: AVE global_pooling: true } }
  ${conv('fc', 'pool', 24, 'kernel_size: 1')}
  layer { name: "prob" type: "Softmax" bottom: "fc" top: "prob" }`;

describe.skipIf(!hasOneDnn)('repeated passes on the oneDNN backend', async () => {
  if (!hasOneDnn) return;
  const backend: Backend = await onednn.createOneDnnBackend({ over: await createCpuBackend({ threads: 2 }) });
  let repeats = 0;
  const recording: Backend = {
    ...backend,
    record(work) {
      const repetition = backend.record!(work);
      return (
        repetition && {
          run() {
            const ran = repetition.run();
            if (ran) repeats++;
            return ran;
          },
        }
      );
    },
  };
  const { record: _, ...plain } = backend;
  afterAll(() => backend.dispose());

  async function outputOf(net: Net): Promise<number[]> {
    await net.forward();
    return [...net.blob('prob').data.hostRead()];
  }

  /** Both nets after the same has happened to them, for some passes on other inputs each. */
  async function expectSame(nets: readonly Net[], passes = 4): Promise<void> {
    for (let pass = 0; pass < passes; pass++) {
      const [first, second] = nets as [Net, Net];
      for (const net of nets) {
        fillInputs(net);
        const values = net.inputs[0]!.tensor.data.hostUpdate();
        for (let i = 0; i < values.length; i++) values[i]! += pass;
      }
      const expected = await outputOf(first);
      expect(await outputOf(second)).toEqual(expected);
    }
  }

  for (const reuseBuffers of [false, true]) {
    test(`with ${reuseBuffers ? 'blobs that take turns in memory' : 'memory for each blob'}`, async () => {
      const nets = await Promise.all(
        [plain, recording].map((each) =>
          buildNet(readNet(text), { backend: each, phase: 'TEST', options: { reuseBuffers } }),
        ),
      );
      const both = async (change: (net: Net) => unknown): Promise<void> => {
        for (const net of nets) await change(net);
        await expectSame(nets);
      };
      repeats = 0;
      await expectSame(nets, 6);
      expect(repeats).toBeGreaterThanOrEqual(3);
      await both((net) => net.layer('dw').layer.blobs[0]!.data.hostUpdate().fill(0.25));
      await both((net) => net.layer('fc').layer.blobs[1]!.data.hostWrite().fill(0.5));
      await both((net) => net.inputs[0]!.tensor.reshape([2, 3, 12, 10]));
      await both((net) => net.inputs[0]!.tensor.reshape([1, 3, 20, 16]));
      await both((net) => net.forward({ from: 'dw', to: 'sep' }));
      await both((net) => net.plan());
      await both((net) => net.blob('sum').data.hostRead());
      await both((net) => net.blob('a').data.release());
      const before = repeats;
      await expectSame(nets);
      expect(repeats).toBe(before + 12); // three stretches: Split, and the sum or its place, are between them

      const seen: string[][] = [];
      for (const net of nets) {
        const names: string[] = [];
        seen.push(names);
        net.use({ afterLayerForward: ({ name }) => void names.push(name) });
      }
      await expectSame(nets);
      expect(repeats).toBe(before + 12);
      expect(seen[1]).toEqual(seen[0]);
      expect(new Set(seen[1]).size).toBe(nets[1]!.layers.length);
      await Promise.all(nets.map((net) => net.dispose()));
    });
  }

  test('debug lines that are asked for later are all there', async () => {
    const events: NetEvent[][] = [[], []];
    const nets = await Promise.all(
      [plain, recording].map((each, i) =>
        buildNet(readNet(text), {
          ...{ backend: each, phase: 'TEST' },
          options: { onEvent: (event) => void events[i]!.push(event) },
        }),
      ),
    );
    await expectSame(nets);
    for (const list of events) list.length = 0;
    for (const net of nets) net.debugInfo = true;
    await expectSame(nets, 1);
    expect(events[0]!.length).toBeGreaterThan(nets[0]!.layers.length);
    expect(events[1]).toEqual(events[0]);
    for (const net of nets) net.debugInfo = false;
    await expectSame(nets);
    await Promise.all(nets.map((net) => net.dispose()));
  });
});
