import { Tensor } from '@jacinto/core-tensor';
import { describe, expect, it } from 'vitest';
import { Layer } from './index.ts';
import { tinyNet } from './testing/index.ts';

/** Two InnerProduct layers one after the other, with these param fields, bias terms and outputs. */
function twoLayers(first: string, second: string, { outputs = 3, bias = false, inputs = 3 } = {}): string {
  const layer = (name: string, bottom: string, top: string, param: string, count: number): string =>
    `layer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${top}" ${param}
       inner_product_param { num_output: ${count} bias_term: ${bias} weight_filler { type: "gaussian" } } }\n`;
  return `layer { name: "data" type: "Input" top: "x" top: "t"
      input_param { shape { dim: 2 dim: ${inputs} } shape { dim: 2 dim: ${outputs} } } }
    ${layer('a', 'x', 'y', first, 3)} ${layer('b', 'y', 'z', second, outputs)}
    layer { name: "loss" type: "EuclideanLoss" bottom: "z" bottom: "t" top: "loss" }`;
}

describe('sharing of params', () => {
  it('by name: one data, one gradient, one learnable param', async () => {
    const net = await tinyNet(twoLayers('param { name: "w" lr_mult: 2 }', 'param { name: "w" }'));
    const [a, b] = ['a', 'b'].map((name) => net.layer(name).layer.blobs[0]!);
    expect(b!.data).toBe(a!.data);
    expect(b!.diff).toBe(a!.diff);
    expect(
      net.params.map(({ layerName, displayName, lrMult, owner }) => [layerName, displayName, lrMult, owner?.layerName]),
    ).toEqual([
      ['a', 'w', 2, undefined],
      ['b', 'w', 2, 'a'],
    ]);
    expect(net.learnableParams).toEqual([net.params[0]]);
  });

  it('adds up the gradients of all uses', async () => {
    const shared = await tinyNet(twoLayers('param { name: "w" }', 'param { name: "w" }'));
    const apart = await tinyNet(twoLayers('', ''));
    apart.learnableParams[1]!.tensor.data.hostWrite().set(apart.learnableParams[0]!.tensor.data.hostRead());
    shared.learnableParams[0]!.tensor.data.hostWrite().set(apart.learnableParams[0]!.tensor.data.hostRead());
    for (const net of [shared, apart]) {
      net.blob('x').data.hostWrite<Float32Array>().set([1, 2, 3, -1, 0.5, 2]);
      net.forward();
      net.backward();
    }
    const [first, second] = apart.learnableParams.map(({ tensor }) => tensor.diff.hostRead());
    shared.learnableParams[0]!.tensor.diff.hostRead().forEach((value, i) => {
      expect(value).toBeCloseTo(first![i]! + second![i]!, 4);
    });
  });

  it('takes a multiplier that a later layer gives, for all', async () => {
    const net = await tinyNet(twoLayers('param { name: "w" }', 'param { name: "w" lr_mult: 0.5 decay_mult: 0 }'));
    expect(net.params.map(({ lrMult, decayMult }) => [lrMult, decayMult])).toEqual([
      [0.5, 0],
      [0.5, 0],
    ]);
  });

  it.each([
    ['lr_mult', 'of the shared param "w" is 2, but layer "a" gives 1; give the same value, or give it once'],
    ['decay_mult', 'of the shared param "w" is 2, but layer "a" gives 1; give the same value, or give it once'],
  ])('refuses another %s', async (field, message) => {
    await expect(
      tinyNet(twoLayers(`param { name: "w" ${field}: 1 }`, `param { name: "w" ${field}: 2 }`)),
    ).rejects.toThrow(`layer "b" (InnerProduct): param.${field} ${message}`);
  });

  it('refuses another shape, unless PERMISSIVE and of the same count', async () => {
    const param = 'param { name: "w" }';
    await expect(tinyNet(twoLayers(param, param, { outputs: 2 }))).rejects.toThrow(
      'net.prototxt:5: layer "b" (InnerProduct): cannot share param "w": its shape is 2 3 (6), ' +
        'that of its owner, layer "a", 3 3 (9); give both the same number of values',
    );
    // a is 3×2, b is 2×3
    await expect(tinyNet(twoLayers(param, param, { inputs: 2, outputs: 2 }))).rejects.toThrow(
      'use share_mode: PERMISSIVE, or give both the same shape',
    );
    const permissive = 'param { name: "w" share_mode: PERMISSIVE }';
    const net = await tinyNet(twoLayers(param, permissive, { inputs: 2, outputs: 2 }));
    expect(net.learnableParams).toHaveLength(1);
    await expect(tinyNet(twoLayers(param, permissive, { outputs: 2 }))).rejects.toThrow('cannot share param "w"');
  });

  it('counts blobs one by one, in creation order', async () => {
    const net = await tinyNet(
      twoLayers('param { } param { name: "bias" lr_mult: 2 decay_mult: 0 }', '', { bias: true }),
    );
    expect(
      net.learnableParams.map(({ layerName, index, name, displayName, lrMult, decayMult }) => [
        layerName,
        index,
        name,
        displayName,
        lrMult,
        decayMult,
      ]),
    ).toEqual([
      ['a', 0, '', '0', 1, 1],
      ['a', 1, 'bias', 'bias', 2, 0],
      ['b', 0, '', '0', 1, 1],
      ['b', 1, '', '1', 1, 1],
    ]);
  });

  it('needs no gradient where lr_mult is 0, but with force_backward', async () => {
    const text = twoLayers('param { lr_mult: 0 }', '');
    const net = await tinyNet(text);
    expect(net.layer('a').layer.paramPropagateDown).toEqual([false]);
    expect(net.layer('a').needsBackward).toBe(false);
    net.forward();
    net.backward();
    expect(net.layer('a').layer.blobs[0]!.diff.isAllocated).toBe(false);
    const forced = await tinyNet(`force_backward: true ${text}`);
    expect(forced.layer('a').layer.paramPropagateDown).toEqual([true]);
    expect(forced.layer('a').layer.context.forceBackward).toBe(true);
    forced.forward();
    forced.backward();
    expect(forced.blob('x').diff.isAllocated).toBe(true);
  });

  it('writes the multipliers that a layer forces into its message', async () => {
    class Statistics extends Layer {
      static override readonly type = 'Statistics';

      override setUp(): void {
        for (let i = 0; i < 3; i++) this.blobs.push(new Tensor(this.backend, [1]));
      }

      override forcedLrMult(index: number): number | undefined {
        return index === 2 ? 0 : undefined;
      }

      reshape(): void {}

      forward(): void {}
    }
    const net = await tinyNet(
      `layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 } } }
       layer { name: "s" type: "Statistics" bottom: "x" top: "y" param { lr_mult: 3 } }`,
      { layers: [Statistics] },
    );
    expect(net.params.map(({ lrMult, decayMult }) => [lrMult, decayMult])).toEqual([
      [3, 1],
      [1, 1],
      [0, 0],
    ]);
    expect(net.toProto().layer[1]!.param.map(({ lrMult, decayMult }) => [lrMult, decayMult])).toEqual([
      [3, 1],
      [1, 1],
      [0, 0],
    ]);
  });
});
