import { describe, expect, it } from 'vitest';
import { absent, bytesOfShared, textOfShared } from '../../test/materials.ts';
import {
  blobShape,
  blobValues,
  clone,
  create,
  equals,
  type LayerParameter,
  makeBlob,
  type NetParameter,
  parseText,
  printText,
  readNet,
  readWeights,
  toBvlcBatchNorm,
  toNvBatchNorm,
} from '../index.ts';

const net = (text: string) => parseText('NetParameter', text);
const inForm = (text: string) => printText('NetParameter', net(text));
const values = (layer: LayerParameter) => layer.blobs.map((blob) => [...blobValues(blob)]);
const blobs = (...lists: number[][]) => lists.map((list) => makeBlob([list.length], list, { format: 'bvlc' }));

function bvlcNet(factor = 4): NetParameter {
  const made = net(`
    layer { name: "bn" type: "BatchNorm" bottom: "x" top: "x" param { lr_mult: 0 } param { lr_mult: 0 } param { lr_mult: 0 } batch_norm_param { eps: 0.001 } }
    layer { name: "sc" type: "Scale" bottom: "x" top: "x" scale_param { bias_term: true filler { value: 2 } } }
    layer { name: "r" type: "ReLU" bottom: "x" top: "x" }`);
  made.layer[0]!.blobs = blobs([4, 8], [16, 32], [factor]);
  made.layer[1]!.blobs = blobs([5, 6], [7, 8]);
  return made;
}

describe('toNvBatchNorm', () => {
  it('divides the statistics and takes the Scale layer in', () => {
    const before = bvlcNet();
    const copy = clone(before);
    const [layer, relu] = toNvBatchNorm(before).layer as [LayerParameter, LayerParameter];
    expect(values(layer)).toEqual([[1, 2], [4, 8], [1], [5, 6], [7, 8]]);
    expect(layer).toMatchObject({ name: 'bn', type: 'BatchNorm', param: [] });
    expect(printText('BatchNormParameter', layer.batchNormParam!)).toBe(
      'eps: 0.001\nscale_filler {\n  value: 2\n}\nscale_bias: true\n',
    );
    expect(relu.name).toBe('r');
    expect(equals(before, copy)).toBe(true);
  });

  it('takes a factor of 0 for nothing learnt', () => {
    expect(values(toNvBatchNorm(bvlcNet(0)).layer[0]!).slice(0, 3)).toEqual([[0, 0], [0, 0], [1]]);
  });

  it('works on a net without blobs, and once more changes nothing', () => {
    const before = net(
      'layer { name: "b" type: "BatchNorm" bottom: "x" top: "y" } layer { name: "s" type: "Scale" bottom: "y" top: "z" scale_param { bias_term: true } } layer { type: "ReLU" bottom: "z" top: "z" }',
    );
    const once = toNvBatchNorm(before);
    expect(printText('NetParameter', once)).toBe(
      inForm(
        'layer { name: "b" type: "BatchNorm" bottom: "x" top: "z" batch_norm_param { scale_bias: true } } layer { type: "ReLU" bottom: "z" top: "z" }',
      ),
    );
    expect(equals(toNvBatchNorm(once), once)).toBe(true);
  });

  it.each([
    [
      'another layer reads the unscaled blob',
      'layer { type: "BatchNorm" bottom: "x" top: "y" } layer { type: "Scale" bottom: "y" top: "z" } layer { type: "ReLU" bottom: "y" top: "q" }',
    ],
    [
      'the Scale has two bottoms',
      'layer { type: "BatchNorm" bottom: "x" top: "y" } layer { type: "Scale" bottom: "y" bottom: "x" top: "y" }',
    ],
    [
      'the Scale is along another axis',
      'layer { type: "BatchNorm" bottom: "x" top: "y" } layer { type: "Scale" bottom: "y" top: "y" scale_param { axis: 2 } }',
    ],
    [
      'only one is in the TEST net',
      'layer { type: "BatchNorm" bottom: "x" top: "y" } layer { type: "Scale" bottom: "y" top: "y" include { phase: TEST } }',
    ],
    [
      'parameters are shared by name',
      'layer { type: "BatchNorm" bottom: "x" top: "y" } layer { type: "Scale" bottom: "y" top: "y" param { name: "w" } }',
    ],
  ])('keeps the Scale layer where %s', (_, text) => {
    expect(printText('NetParameter', toNvBatchNorm(net(text)))).toBe(inForm(text));
  });

  it('brings the old DIGITS order to the present one', () => {
    const before = create('NetParameter', { layer: [{ type: 'BatchNorm' }] });
    before.layer[0]!.blobs = [...blobs([1, 2], [3, 4], [5, 6], [7, 8]), makeBlob([1], [9])];
    expect(values(toNvBatchNorm(before).layer[0]!)).toEqual([[5, 6], [7, 8], [9], [1, 2], [3, 4]]);
    const [norm, scale] = toBvlcBatchNorm(before).layer as [LayerParameter, LayerParameter];
    expect([values(norm), values(scale)]).toEqual([
      [[5, 6], [7, 8], [1]],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
  });
});

describe('toBvlcBatchNorm', () => {
  it('gives back what toNvBatchNorm took, with the statistics divided', () => {
    const [norm, scale, relu] = toBvlcBatchNorm(toNvBatchNorm(bvlcNet())).layer as [
      LayerParameter,
      LayerParameter,
      LayerParameter,
    ];
    expect([values(norm), values(scale)]).toEqual([
      [[1, 2], [4, 8], [1]],
      [
        [5, 6],
        [7, 8],
      ],
    ]);
    expect(norm.param.map((param) => [param.lrMult, param.decayMult])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(scale).toMatchObject({ name: 'bn_scale', type: 'Scale', bottom: ['x'], top: ['x'] });
    expect(scale.scaleParam).toMatchObject({ biasTerm: true, filler: { value: 2 } } as never);
    expect(relu.name).toBe('r');
  });

  it('flattens 1×C×1×1 blobs and avoids names that exist', () => {
    const before = create('NetParameter', {
      layer: [{ name: 'b', type: 'BatchNorm', top: ['x'] }, { name: 'b_scale' }],
    });
    before.layer[0]!.blobs = [1, 2, 3, 4, 5].map((i) => makeBlob(i === 3 ? [1] : [1, 2, 1, 1], i === 3 ? [1] : [i, i]));
    const after = toBvlcBatchNorm(before);
    expect(after.layer.map((layer) => layer.name)).toEqual(['b', 'b_scale2', 'b_scale']);
    expect(after.layer[0]!.blobs.map(blobShape)).toEqual([[2], [2], [1]]);
    expect(after.layer[1]!.blobs.map(blobShape)).toEqual([[2], [2]]);
  });

  it('refuses a fused layer with a wrong number of blobs', () => {
    const before = create('NetParameter', {
      layer: [{ name: 'b', type: 'BatchNorm', batchNormParam: { scaleBias: true } }],
    });
    before.layer[0]!.blobs = blobs([1], [1], [1]);
    expect(() => toBvlcBatchNorm(before)).toThrow(
      'layer "b" (BatchNorm): scales and shifts by itself but has 3 blobs, not 5',
    );
  });
});

describe.skipIf(absent('models'))('a real ResNet (skipped where ../shared/models is absent)', () => {
  const model = (name: string) => `models/${name}/${name}`;
  it('goes to the NV form and back with its numbers', () => {
    const before = readWeights(bytesOfShared(`${model('resnet20_cifar10')}.caffemodel`));
    const nv = toNvBatchNorm(before);
    const norms = nv.layer.filter((layer) => layer.type === 'BatchNorm');
    expect(norms.length).toBeGreaterThan(15);
    for (const layer of norms) {
      const source = before.layer.find(({ name }) => name === layer.name)!;
      const factor = blobValues(source.blobs[2]!)[0]!;
      expect(layer.blobs).toHaveLength(5);
      expect(blobValues(layer.blobs[1]!)[3]).toBeCloseTo(blobValues(source.blobs[1]!)[3]! / factor, 2);
    }
    expect(nv.layer.some((layer) => layer.type === 'Scale')).toBe(false);
    const back = toBvlcBatchNorm(nv);
    expect(back.layer.map((layer) => layer.type)).toEqual(before.layer.map((layer) => layer.type));
  });

  it('in its deploy files, too', () => {
    const bvlc = readNet(textOfShared('models/resnet20_cifar10/deploy.prototxt'));
    const nv = readNet(textOfShared('models/resnet20_cifar10_nv/deploy.prototxt'));
    const types = (layers: NetParameter) => layers.layer.map((layer) => layer.type);
    expect(types(toNvBatchNorm(bvlc))).toEqual(types(nv));
    expect(types(toBvlcBatchNorm(nv))).toEqual(types(bvlc));
  });
});
