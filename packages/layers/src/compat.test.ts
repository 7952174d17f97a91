import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { LayerRegistry, Net } from '@jacinto/net';
import { readNet } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { standardLayers } from './list.ts';

const compat = 'caffe-jacinto-0.17';

/** A net in TRAIN, as caffe-jacinto 0.17 unless `faults` is false. */
function netOf(text: string, { phase = 0, faults = true } = {}): Promise<Net> {
  const registry = new LayerRegistry(standardLayers);
  const options = { backend: createReferenceBackend(), registry, phase, seed: 1, compat: faults ? compat : undefined };
  return Net.create(readNet(`force_backward: true\n${text}`), options as Parameters<typeof Net.create>[1]);
}

const input = (name: string, ...dims: number[]) =>
  `layer { name: "${name}" type: "Input" top: "${name}" input_param { shape { ${dims.map((d) => `dim: ${d}`).join(' ')} } } }\n`;
const set = (net: Net, blob: string, ...values: number[]) => net.blob(blob).data.hostWrite<Float32Array>().set(values);
const data = (net: Net, blob: string) => [...net.blob(blob).data.hostRead()];
const diff = (net: Net, blob: string) => [...net.blob(blob).diff.hostRead()];
const param = (net: Net, layer: string, i: number) => net.layer(layer).layer.blobs[i]!.data;

describe('as caffe-jacinto 0.17', () => {
  it('BatchNorm: two passes copy the statistics, the third averages; the variance is biased and holds eps', async () => {
    const text = `${input('x', 2, 1, 1, 1)}layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y"
      batch_norm_param { eps: 0.5 moving_average_fraction: 0.75 } }`;
    const net = await netOf(text);
    const seen: number[][] = [];
    for (const [a, b] of [
      [0, 2], // mean 1, variance 1
      [2, 6], // mean 4, variance 4
      [0, 0], // mean 0, variance 0
    ]) {
      set(net, 'x', a!, b!);
      await net.forward();
      seen.push([param(net, 'bn', 0).hostRead()[0]!, param(net, 'bn', 1).hostRead()[0]!]);
    }
    expect(seen).toEqual([
      [1, 1.5],
      [4, 4.5],
      [3, 0.75 * 4.5 + 0.25 * 0.5],
    ]);
  });

  it.each([true, false])('BatchNorm: a factor that is not 1 is ignored (as 0.17: %s)', async (faults) => {
    const net = await netOf(
      `${input('x', 2, 1, 1, 1)}layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y" batch_norm_param { eps: 1e-5 } }`,
      { phase: 1, faults },
    );
    for (const [i, value] of [8, 4, 4].entries()) param(net, 'bn', i).hostWrite().set([value]);
    set(net, 'x', 8, 12);
    await net.forward();
    const expected = faults ? [0, 2] : [6, 10]; // mean 8 and variance 4, or mean 2 and variance 1
    expect(data(net, 'y').map((value) => Math.round(value * 1e3) / 1e3)).toEqual(expected);
  });

  it.each([true, false])(
    'a sum overwrites its first bottom, and gradients mix behind a Split (as 0.17: %s)',
    async (faults) => {
      const text = `${input('a', 1, 2)}${input('b', 1, 2)}
      layer { name: "copy" type: "Power" bottom: "a" top: "c" power_param { scale: 2 } }
      layer { name: "sum" type: "Eltwise" bottom: "c" bottom: "b" top: "s" }
      layer { name: "later" type: "Power" bottom: "c" top: "p" power_param { scale: 10 } }`;
      const net = await netOf(text, { faults });
      set(net, 'a', 1, 2);
      set(net, 'b', 100, 200);
      await net.forward();
      expect(data(net, 's')).toEqual([102, 204]);
      expect(data(net, 'c')).toEqual(faults ? [102, 204] : [2, 4]);
      expect(data(net, 'p')).toEqual(faults ? [1020, 2040] : [20, 40]);
      net.blob('s').diff.hostWrite().set([1, 1]);
      net.blob('p').diff.hostWrite().set([1, 1]);
      await net.backward();
      expect(diff(net, 'a')).toEqual([22, 22]); // 2 · (1 + 10)
      expect(diff(net, 'b')).toEqual(faults ? [11, 11] : [1, 1]);
    },
  );

  it('a sum with coefficients keeps its bottoms', async () => {
    const net = await netOf(`${input('a', 1, 1)}${input('b', 1, 1)}
      layer { name: "sum" type: "Eltwise" bottom: "a" bottom: "b" top: "s" eltwise_param { coeff: 1 coeff: -1 } }`);
    set(net, 'a', 5);
    set(net, 'b', 3);
    await net.forward();
    expect([data(net, 'a'), data(net, 's')]).toEqual([[5], [2]]);
  });
});
