import { type BlobProto, blobValues, create, makeBlob, type NetParameter, readNet } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { absorbBatchNorm, reportText } from './index.ts';

/** A net of `layers` behind an Input, and weights by layer name: [shape, values] a blob. */
function model(
  layers: string,
  blobs: Record<string, [number[], number[]][]>,
): { net: NetParameter; weights: NetParameter } {
  const net = readNet(
    `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: [1, 2, 4, 4] } } }\n${layers}`,
  );
  const weights = create('NetParameter', {
    layer: Object.entries(blobs).map(([name, list]) => ({ name, blobs: list.map((blob) => makeBlob(...blob)) })),
  });
  return { net, weights };
}

const values = (weights: NetParameter, name: string): number[][] =>
  weights.layer.find((layer) => layer.name === name)!.blobs.map((blob: BlobProto) => [...blobValues(blob)]);

const conv = (extra = '') =>
  `layer { name: "c" type: "Convolution" bottom: "x" top: "c" convolution_param { num_output: 2 kernel_size: 1 ${extra} } }`;
const norm = (bottom: string, top: string, name = 'b', extra = '') =>
  `layer { name: "${name}" type: "BatchNorm" bottom: "${bottom}" top: "${top}" batch_norm_param { eps: 0.25 ${extra} } }`;
// With eps 0.25, variances 0.75 and 3.75 give factors 1 and 0.5.
const stats: [number[], number[]][] = [
  [[2], [1, 2]],
  [[2], [0.75, 3.75]],
  [[1], [1]],
];
const weightsOfConv: [number[], number[]][] = [
  [
    [2, 2, 1, 1],
    [1, 2, 3, 4],
  ],
  [[2], [10, 20]],
];

describe('worked out by hand', () => {
  it('convolution + BatchNorm: W·k and (b − mean)·k + β', () => {
    const { net, weights } = model(conv() + norm('c', 'c'), { c: weightsOfConv, b: stats });
    const absorbed = absorbBatchNorm(net, weights);
    expect(values(absorbed.weights, 'c')).toEqual([
      [1, 2, 1.5, 2],
      [9, 9],
    ]);
    expect(values(absorbed.weights, 'b')).toEqual([[0, 0], [0.75, 0.75], [1]]);
    expect(absorbed.report.merged).toEqual([
      { layer: 'c', layerType: 'Convolution', absorbed: ['b'], side: 'after', biasAdded: false, removed: false },
    ]);
    expect(values(weights, 'c')[0]).toEqual([1, 2, 3, 4]); // what was given stays
  });

  it('a bias is added where there is none, in the net too', () => {
    const { net, weights } = model(conv('bias_term: false') + norm('c', 'c'), { c: [weightsOfConv[0]!], b: stats });
    const absorbed = absorbBatchNorm(net, weights);
    expect(values(absorbed.weights, 'c')[1]).toEqual([-1, -1]);
    expect(absorbed.net.layer[1]!.convolutionParam).toMatchObject({
      biasTerm: true,
      biasFiller: { type: 'constant', value: 0 },
    });
    expect(net.layer[1]!.convolutionParam!.biasTerm).toBe(false);
  });

  it('five blobs and a Scale behind: γs·(γb·x + βb) + βs; compat loses the Scale', () => {
    const scale = 'layer { name: "s" type: "Scale" bottom: "c" top: "c" scale_param { bias_term: true } }';
    const blobs = {
      c: weightsOfConv,
      b: [...stats, [[2], [2, 4]], [[2], [1, -1]]] as [number[], number[]][],
      s: [
        [[2], [3, 5]],
        [[2], [7, 9]],
      ] as [number[], number[]][],
    };
    const { net, weights } = model(conv() + norm('c', 'c', 'b', 'scale_bias: true') + scale, blobs);
    // channel 0: k = 1·2, then 3; channel 1: k = 0.5·4, then 5
    const sane = absorbBatchNorm(net, weights).weights;
    expect(values(sane, 'c')).toEqual([
      [6, 12, 30, 40],
      [((10 - 1) * 2 + 1) * 3 + 7, ((20 - 2) * 2 - 1) * 5 + 9],
    ]);
    expect(values(sane, 's')).toEqual([
      [1, 1],
      [0, 0],
    ]);
    const faulty = absorbBatchNorm(net, weights, { compat: 'caffe-jacinto-0.17' }).weights;
    expect(values(faulty, 'c')).toEqual([
      [2, 4, 6, 8],
      [19, 35],
    ]);
    expect(values(faulty, 's')).toEqual([
      [1, 1],
      [0, 0],
    ]);
  });

  it('BVLC statistics are divided by their factor, and the identity has factor 1; compat ignores the factor', () => {
    const sums: [number[], number[]][] = [
      [[2], [4, 8]],
      [[2], [3, 15]],
      [[1], [4]],
    ];
    const { net, weights } = model(conv() + norm('c', 'c'), { c: weightsOfConv, b: sums });
    const absorbed = absorbBatchNorm(net, weights).weights;
    expect(values(absorbed, 'c')[1]).toEqual([9, 9]);
    expect(values(absorbed, 'b')).toEqual([[0, 0], [0.75, 0.75], [1]]);
    const compat = absorbBatchNorm(net, weights, { compat: 'caffe-jacinto-0.17' }).weights;
    expect(values(compat, 'b')[2]).toEqual([4]);
    expect(values(compat, 'c')[1]![0]).toBeCloseTo((10 - 4) / Math.sqrt(3.25), 6);
  });

  it('a grouped deconvolution by its output channels', () => {
    const layer =
      'layer { name: "c" type: "Deconvolution" bottom: "x" top: "c" convolution_param { num_output: 4 group: 2 kernel_size: 1 } }';
    const four: [number[], number[]][] = [
      [[4], [0, 0, 0, 0]],
      [[4], [0.75, 3.75, 15.75, 0.75]],
      [[1], [1]],
    ];
    const own: [number[], number[]][] = [
      [
        [2, 2, 1, 1],
        [1, 2, 4, 8],
      ],
      [[4], [0, 0, 0, 4]],
    ];
    const { net, weights } = model(layer + norm('c', 'd'), { c: own, b: four });
    expect(values(absorbBatchNorm(net, weights).weights, 'c')).toEqual([
      [1, 1, 1, 8],
      [0, 0, 0, 4],
    ]);
  });

  it('an inner product, transposed or not', () => {
    const layer = (extra: string) =>
      `layer { name: "c" type: "InnerProduct" bottom: "x" top: "c" inner_product_param { num_output: 2 ${extra} } }`;
    const shape = [2, 2];
    const own = {
      c: [
        [shape, [1, 2, 3, 4]],
        [[2], [10, 20]],
      ] as [number[], number[]][],
      b: stats,
    };
    const plain = model(layer('') + norm('c', 'c'), own);
    expect(values(absorbBatchNorm(plain.net, plain.weights).weights, 'c')[0]).toEqual([1, 2, 1.5, 2]);
    const transposed = model(layer('transpose: true') + norm('c', 'c'), own);
    expect(values(absorbBatchNorm(transposed.net, transposed.weights).weights, 'c')[0]).toEqual([1, 1, 3, 2]);
  });

  it('BatchNorm before a convolution without padding, W·k by input and b + Σ W·shift', () => {
    const { net, weights } = model(norm('x', 'b') + conv().replace('bottom: "x"', 'bottom: "b"'), {
      c: weightsOfConv,
      b: stats,
    });
    const absorbed = absorbBatchNorm(net, weights, { remove: true });
    // x → (x0 − 1)·1, (x1 − 2)·0.5: shifts −1 and −1
    expect(values(absorbed.weights, 'c')).toEqual([
      [1, 1, 3, 2],
      [10 - 3, 20 - 7],
    ]);
    expect(absorbed.net.layer.map(({ name, bottom }) => [name, ...bottom])).toEqual([['x'], ['c', 'x']]);
  });
});

describe('what stays, and why', () => {
  const kept = (layers: string, blobs: Record<string, [number[], number[]][]> = { c: weightsOfConv, b: stats }) => {
    const { net, weights } = model(layers, blobs);
    const absorbed = absorbBatchNorm(net, weights, { remove: true });
    for (const name of Object.keys(blobs)) expect(values(absorbed.weights, name)).toEqual(values(weights, name));
    return absorbed.report.kept.map(({ reason }) => reason);
  };

  it('a convolution that others read too', () => {
    const also = 'layer { name: "e" type: "Eltwise" bottom: "d" bottom: "c" top: "e" }';
    expect(kept(conv() + norm('c', 'd') + also)).toEqual(['layer "c" (Convolution) before it is read by 2 layers']);
  });

  it('a shift before zero padding', () => {
    const layers = norm('x', 'b') + conv('pad: 1').replace('bottom: "x"', 'bottom: "b"');
    expect(kept(layers)).toEqual(['the convolution behind it pads with zeros, which a shift must not change']);
  });

  it('weights that are shared by name', () => {
    const shared = conv().replace('convolution_param', 'param { name: "w" } convolution_param');
    const twin = shared.replace('name: "c"', 'name: "t"').replace('top: "c"', 'top: "t"');
    expect(kept(shared + norm('c', 'd') + twin)).toEqual([
      'layer "c" (Convolution) before it shares its weights with another layer',
    ]);
  });

  it('a BatchNorm that uses the batch’s own statistics', () => {
    const sums: [number[], number[]][] = [
      [[2], [1, 2]],
      [[2], [1, 2]],
      [[1], [3]],
    ];
    expect(kept(conv() + norm('c', 'd', 'b', 'use_global_stats: false'), { c: weightsOfConv, b: sums })).toEqual([
      'use_global_stats is false: it uses each batch’s own statistics',
    ]);
  });

  it('a BatchNorm behind a ReLU', () => {
    const relu = 'layer { name: "r" type: "ReLU" bottom: "c" top: "c" }';
    expect(kept(conv() + relu + norm('c', 'd'))).toEqual([
      'no convolution or inner product stands right before it, nor, as its only reader, behind it',
    ]);
  });
});

it('follows the graph, not the order of the file', () => {
  const other = conv().replaceAll('"c"', '"o"');
  const { net, weights } = model(conv() + other + norm('o', 'ob', 'on') + norm('c', 'cb', 'cn'), {
    ...{ c: weightsOfConv, o: weightsOfConv, on: stats },
    cn: [
      [[2], [0, 0]],
      [[2], [0.75, 0.75]],
      [[1], [1]],
    ],
  });
  const absorbed = absorbBatchNorm(net, weights, { remove: true });
  expect(values(absorbed.weights, 'c')[1]).toEqual([10, 20]);
  expect(values(absorbed.weights, 'o')[1]).toEqual([9, 9]);
  expect(absorbed.net.layer.map(({ name, top }) => [name, ...top])).toEqual([
    ['x', 'x'],
    ['c', 'cb'],
    ['o', 'ob'],
  ]);
});

it('takes the TEST phase, and says what it left out', () => {
  const train = 'layer { name: "l" type: "SoftmaxWithLoss" bottom: "c" bottom: "x" include { phase: TRAIN } }';
  const { net, weights } = model(conv() + train + norm('c', 'd'), { c: weightsOfConv, b: stats, old: [[[1], [1]]] });
  const { report } = absorbBatchNorm(net, weights);
  expect(reportText(report)).toEqual([
    'merged b (behind) into Convolution c; they stay as identities',
    'left out, not in the TEST phase: l',
    'ignored weights of layers that the net lacks: old',
  ]);
  const empty = model('', {});
  expect(reportText(absorbBatchNorm(empty.net, empty.weights).report)).toEqual(['nothing to merge']);
});

it('old shapes of four axes stay as they were', () => {
  const { net, weights } = model(conv() + norm('c', 'c'), { c: weightsOfConv, b: stats });
  const bias = weights.layer[0]!.blobs[1]!;
  Reflect.deleteProperty(bias, 'shape');
  Object.assign(bias, { num: 1, channels: 1, height: 1, width: 2 });
  const merged = absorbBatchNorm(net, weights).weights.layer[1]!.blobs[1]!;
  expect([merged.num, merged.channels, merged.height, merged.width, merged.shape]).toEqual([1, 1, 1, 2, undefined]);
});

describe('faults', () => {
  const fault = (blobs: Record<string, [number[], number[]][]>, options = {}) => {
    const { net, weights } = model(conv() + norm('c', 'c'), blobs);
    try {
      absorbBatchNorm(net, weights, options);
    } catch (error) {
      return (error as Error).message;
    }
    return 'no error';
  };

  it('weights of another net', () => {
    expect(fault({ z: stats })).toBe(
      'layer "b" (BatchNorm): has no blobs in the weights, and no other layer of the net has any; use the weights that were made with this net',
    );
    expect(fault({ c: weightsOfConv })).toBe(
      'layer "b" (BatchNorm): has no blobs in the weights; use the weights that were made with this net',
    );
    expect(fault({ b: stats })).toBe(
      'layer "c" (Convolution): has no blobs in the weights; use the weights that were made with this net',
    );
  });

  it('other shapes', () => {
    const three: [number[], number[]][] = [
      [[3], [1, 2, 3]],
      [[3], [1, 2, 3]],
      [[1], [1]],
    ];
    expect(fault({ c: weightsOfConv, b: three })).toBe(
      'layer "b" (BatchNorm): blob 1 has 3 values, but the layer beside it has 2 channels; use the weights that were made with this net',
    );
    expect(fault({ c: weightsOfConv, b: stats.slice(0, 2) })).toBe(
      'layer "b" (BatchNorm): has 2 blobs in the weights; a BatchNorm has 3 (mean, variance, factor) or 5 (with scale and bias); use the weights that were made with this net',
    );
  });

  it('another kernel, another number of outputs', () => {
    const [weights, bias] = weightsOfConv;
    const three: [number[], number[]][] = [
      [
        [3, 1, 1, 1],
        [1, 2, 3],
      ],
      bias!,
    ];
    expect(fault({ c: three, b: stats })).toContain('blob 0 has the shape 3 × 1 × 1 × 1, but num_output is 2');
    const wide: [number[], number[]][] = [[[2, weights![1].length / 2, 1, 1], weights![1]], bias!];
    const { net, weights: made } = model(conv().replace(/kernel_\w+: \d( kernel_w: \d)?/, 'kernel_size: 3'), {
      c: wide,
    });
    expect(() => absorbBatchNorm(net, made)).toThrow(
      /layer "c" \(Convolution\): blob 0 .* but the kernel is 3 × 3; use/,
    );
  });

  it('weights that are NaN; compat passes them', () => {
    const [weights, bias] = weightsOfConv;
    const bad: [number[], number[]][] = [[weights![0], weights![1].map((v, i) => (i === 1 ? Number.NaN : v))], bias!];
    expect(fault({ c: bad, b: stats })).toBe(
      'layer "c" (Convolution): blob 0 holds NaN at 1; the training had diverged; use weights of an earlier snapshot',
    );
    expect(fault({ c: bad, b: stats }, { compat: 'caffe-jacinto-0.17' })).toBe('no error');
  });

  it('NaN and variances that have no root; compat passes them', () => {
    const bad = (variance: number): [number[], number[]][] => [stats[0]!, [[2], [variance, 1]], stats[2]!];
    expect(fault({ c: weightsOfConv, b: bad(Number.NaN) })).toBe(
      'layer "b" (BatchNorm): blob 1 holds NaN at channel 0; the training had diverged; use weights of an earlier snapshot',
    );
    expect(fault({ c: weightsOfConv, b: bad(-1) })).toBe(
      'layer "b" (BatchNorm): blob 1 holds the variance -1 at channel 0: with eps 0.25 it has no inverse root; use weights that are not damaged, or a larger eps',
    );
    expect(fault({ c: weightsOfConv, b: bad(Number.NaN) }, { compat: 'caffe-jacinto-0.17' })).toBe('no error');
  });
});
