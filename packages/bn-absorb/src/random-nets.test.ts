import { createCpuBackend } from '@jacinto/core-tensor';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry, Net } from '@jacinto/net';
import { makeBlob, type NetParameter, readNet } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { absorbBatchNorm } from './index.ts';

const options = {
  backend: await createCpuBackend({ threads: 1 }),
  registry: new LayerRegistry(standardLayers),
  phase: 1,
};

/** Whole numbers below `n` from a seed. */
function dice(seed: number) {
  let state = seed;
  return (n: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
}

/** A chain of convolutions and the like with BatchNorm and Scale layers strewn among them. */
function randomNet(roll: (n: number) => number): string {
  const lines = ['layer { name: "x" type: "Input" top: "t0" input_param { shape { dim: [2, 4, 5, 6] } } }'];
  let top = 't0';
  for (let i = 1; i <= 7; i++) {
    const inPlace = top !== 't0' && roll(2) === 0;
    const bottom = top;
    top = `t${i}`;
    const joined = (to: string) => `name: "l${i}" bottom: "${bottom}" top: "${to}"`;
    const kind = roll(8);
    const group = [1, 2, 4][roll(3)];
    const kernel = `num_output: 4 group: ${group} kernel_h: ${1 + 2 * roll(2)} kernel_w: 1 bias_term: ${roll(2) === 0}`;
    if (kind < 2)
      lines.push(
        `layer { ${joined(top)} type: "Convolution" convolution_param { ${kernel} pad_h: 1 pad_w: ${roll(2)} } }`,
      );
    else if (kind === 2)
      lines.push(
        `layer { ${joined(top)} type: "Convolution" convolution_param { num_output: 4 group: ${group} kernel_size: 1 } }`,
      );
    else if (kind === 3) lines.push(`layer { ${joined(top)} type: "Deconvolution" convolution_param { ${kernel} } }`);
    else {
      if (inPlace) top = bottom;
      if (kind < 6)
        lines.push(
          `layer { ${joined(top)} type: "BatchNorm" batch_norm_param { scale_bias: ${roll(2) === 0} eps: 1e-3 } }`,
        );
      else if (kind === 6)
        lines.push(
          `layer { ${joined(top)} type: "Scale" scale_param { bias_term: ${roll(2) === 0} num_axes: ${roll(2)} } }`,
        );
      else lines.push(`layer { ${joined(top)} type: "ReLU" }`);
    }
  }
  const transpose = roll(2) === 0;
  lines.push(
    `layer { name: "ip" bottom: "${top}" top: "ip" type: "InnerProduct" inner_product_param { num_output: 4 transpose: ${transpose} } }`,
  );
  if (roll(2) === 0) lines.push('layer { name: "end" bottom: "ip" top: "end" type: "BatchNorm" }');
  return lines.join('\n');
}

async function outputsOf(net: NetParameter, weights: NetParameter): Promise<number[]> {
  const built = await Net.create(net, options);
  built.copyTrainedFrom(weights);
  const roll = dice(99);
  const input = built.inputs[0]!.tensor.data.hostWrite<Float32Array>();
  for (let i = 0; i < input.length; i++) input[i] = roll(1000) / 500 - 1;
  await built.forward();
  const values = built.outputs.flatMap(({ tensor }) => [...tensor.data.hostRead()]);
  await built.dispose();
  return values;
}

it('outputs of 40 random nets stay, with merged layers kept or removed', { timeout: 120_000 }, async () => {
  let merged = 0;
  for (let seed = 1; seed <= 40; seed++) {
    const roll = dice(seed);
    const text = randomNet(roll);
    const net = readNet(text);
    const built = await Net.create(net, { ...options, seed });
    const weights = built.toProto();
    await built.dispose();
    for (const layer of weights.layer) {
      const isNorm = layer.type === 'BatchNorm';
      layer.blobs = layer.blobs.map((blob, b) => {
        const shape = [...blob.shape!.dim];
        const count = shape.reduce((a, c) => a * c, 1);
        if (isNorm && b === 2) return makeBlob(shape, [1]);
        const positive = isNorm && b === 1;
        return makeBlob(
          shape,
          Array.from({ length: count }, () => (positive ? 0.2 + roll(1000) / 500 : roll(1000) / 500 - 1)),
        );
      });
    }
    const before = await outputsOf(net, weights);
    const largest = Math.max(...before.map(Math.abs), 1e-3);
    for (const remove of [false, true]) {
      const absorbed = absorbBatchNorm(net, weights, { remove });
      merged += absorbed.report.merged.length;
      const after = await outputsOf(absorbed.net, absorbed.weights);
      const worst = Math.max(...after.map((value, i) => Math.abs(value - before[i]!)));
      expect(worst / largest, `seed ${seed}:\n${text}\n${JSON.stringify(absorbed.report.merged)}`).toBeLessThan(2e-5);
    }
  }
  expect(merged).toBeGreaterThan(80);
});
