import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { Net, type NetOptions } from './index.ts';
import { LayerRegistry } from './registry.ts';
import { tinyLayers } from './testing/index.ts';

const backend = createReferenceBackend();

function create(text: string, options: Partial<NetOptions> = {}): Promise<Net> {
  const param = parseText('NetParameter', text, { file: 'net.prototxt' });
  return Net.create(param, { backend, registry: new LayerRegistry(tinyLayers), seed: 1, ...options });
}

const regression = `
name: "regression"
layer { name: "data" type: "Input" top: "x" top: "t" input_param { shape { dim: 4 dim: 3 } shape { dim: 4 dim: 2 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } } }
layer { name: "relu" type: "ReLU" bottom: "y" top: "y" }
layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "t" top: "loss" }
`;

describe('Net', () => {
  it('builds, runs, learns', async () => {
    const net = await create(regression, { phase: 0 });
    net.blob('x').data.hostWrite().set([1, 2, 3, -1, 0, 1, 2, 2, 2, 0.5, -1, 0]);
    net.blob('t').data.hostWrite().set([1, 2, 0, 1, 3, 1, 0, 2]);
    const first = net.forward();
    for (let i = 0; i < 50; i++) {
      net.clearParamDiffs();
      net.forward();
      net.backward();
      for (const { tensor } of net.learnableParams) {
        const [w, dw] = [tensor.data.hostUpdate(), tensor.diff.hostRead()];
        for (let k = 0; k < w.length; k++) w[k]! -= 0.1 * dw[k]!;
      }
    }
    expect(net.forward()).toBeLessThan((first as number) / 2);
  });
});
