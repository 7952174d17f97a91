import { Tensor } from '@jacinto/core-tensor';
import { blobValues, create, decode, encode, makeBlob, type NetParameter, printText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { Layer, type NetEvent, shapesEqual } from './index.ts';
import { tinyNet } from './testing/index.ts';

const text = (outputs = 2, bias = true) => `name: "two" state { phase: TRAIN }
layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 dim: 3 } } }
layer { name: "a" type: "InnerProduct" bottom: "x" top: "y" loss_weight: 1
  inner_product_param { num_output: ${outputs} bias_term: ${bias} weight_filler { type: "gaussian" } } }
layer { name: "r" type: "ReLU" bottom: "y" top: "z" }`;

const weightsOf = (net: Awaited<ReturnType<typeof tinyNet>>) =>
  net.params.map(({ tensor }) => Array.from(tensor.data.hostRead()));

/** A weights message with one layer. */
const stored = (name: string, blobs: ReturnType<typeof makeBlob>[], type = 'InnerProduct'): NetParameter =>
  create('NetParameter', { layer: [{ name, type, blobs }] });

/** A layer with blobs of given counts. */
class BatchNormLike extends Layer {
  static override readonly type = 'BatchNorm';

  override setUp([bottom]: readonly Tensor[]): void {
    const channels = bottom!.dim(1);
    const five = this.layerParam.param.length > 3 || this.layerParam.debug;
    for (const count of [channels, channels, 1, ...(five ? [channels, channels] : [])]) {
      this.blobs.push(new Tensor(this.backend, [count]));
    }
  }

  reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    top!.reshapeLike(bottom!);
  }

  forward(): void {}
}

const batchNorm = (channels: number, five: boolean) =>
  tinyNet(
    `layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 dim: ${channels} } } }
     layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y" debug: ${five} }`,
    { layers: [BatchNormLike] },
  );

describe('saving and loading weights', () => {
  it.each(['nv', 'bvlc'] as const)('comes back the same through a %s file', async (format) => {
    const net = await tinyNet(text(), { seed: 1 });
    const bytes = encode('NetParameter', net.toProto({ format }));
    const other = await tinyNet(text(), { seed: 2 });
    expect(weightsOf(other)).not.toEqual(weightsOf(net));
    other.copyTrainedFrom(decode('NetParameter', bytes));
    expect(weightsOf(other)).toEqual(weightsOf(net));
  });

  it('saves what Caffe saves: layers with splits, phase and types, but no state or defaults', async () => {
    const net = await tinyNet(text(), { seed: 1 });
    const message = net.toProto({ diff: true });
    expect(message.layer.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'data Input',
      'a InnerProduct',
      'y_a_0_split Split',
      'r ReLU',
    ]);
    for (const layer of message.layer) layer.blobs = [];
    expect(printText('NetParameter', message)).toContain(`layer {
  name: "y_a_0_split"
  type: "Split"
  bottom: "y"
  top: "y_a_0_split_0"
  top: "y_a_0_split_1"
  loss_weight: 1
  loss_weight: 0
  phase: TRAIN
  forward_type: FLOAT
  backward_type: FLOAT
  forward_math: FLOAT
  backward_math: FLOAT
}`);
    expect(printText('NetParameter', message)).not.toContain('state');
  });

  it('saves gradients where asked', async () => {
    const net = await tinyNet(text(), { seed: 1 });
    net.learnableParams[1]!.tensor.diff.hostWrite<Float32Array>().set([5, 6]);
    const [, withDiff] = net.toProto({ diff: true, format: 'bvlc' }).layer[1]!.blobs;
    expect(Array.from(withDiff!.diff)).toEqual([5, 6]);
    expect(net.toProto({ format: 'bvlc' }).layer[1]!.blobs[1]!.diff).toHaveLength(0);
  });

  it('saves copies, which do not change when training goes on', async () => {
    const net = await tinyNet(text());
    const before = weightsOf(net)[0]!;
    const message = net.toProto();
    net.learnableParams[0]!.tensor.data.hostUpdate().fill(0);
    expect(Array.from(blobValues(message.layer[1]!.blobs[0]!))).toEqual(before);
  });

  it('marks quantized nets by their name and keeps quantization fields', async () => {
    const net = await tinyNet(`${text()} quantize: false net_quantization_param { bitwidth_weights: 8 }`);
    const message = net.toProto();
    expect(message.name).toBe('two___QUANTIZED__SEE_END_OFTHE_FILE');
    expect(message.netQuantizationParam!.bitwidthWeights).toBe(8);
  });

  it('goes by layer name and says what it copies and passes over', async () => {
    const events: NetEvent[] = [];
    const net = await tinyNet(text(), { onEvent: (event) => events.push(event) });
    events.length = 0;
    const weights = stored('a', [makeBlob([2, 3], [1, 2, 3, 4, 5, Number.NaN]), makeBlob([2], [7, Infinity])]);
    weights.layer.push(create('LayerParameter', { name: 'gone', type: 'ReLU' }));
    net.copyTrainedFrom(weights);
    expect(events).toEqual([
      { type: 'copying-source-layer', layer: 'a', layerType: 'InnerProduct', blobs: 2 },
      { type: 'ignoring-source-layer', layer: 'gone' },
    ]);
    expect(weightsOf(net)).toEqual([
      [1, 2, 3, 4, 5, Number.NaN],
      [7, Infinity],
    ]);
  });

  it('takes weights that stand in the net itself', async () => {
    const net = await tinyNet(
      text().replace(
        'top: "y"',
        'top: "y" blobs { shape { dim: 2 dim: 3 } data: [1, 2, 3, 4, 5, 6] } blobs { shape { dim: 2 } data: [7, 8] }',
      ),
    );
    expect(weightsOf(net)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
    expect(net.toProto().layer[1]!.blobs).toHaveLength(2);
  });

  it('takes V1 weights', async () => {
    const net = await tinyNet(text(2, false));
    const weights = create('NetParameter', {
      layers: [
        {
          name: 'a',
          type: 14,
          blobs: [create('BlobProto', { num: 1, channels: 1, height: 2, width: 3, data: [1, 2, 3, 4, 5, 6] })],
        },
      ],
    });
    net.copyTrainedFrom(weights);
    expect(weightsOf(net)).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  const misfit = {
    shape: stored('a', [makeBlob([4, 3], new Float32Array(12)), makeBlob([2], [1, 2])]),
    sameCount: stored('a', [makeBlob([3, 2], [1, 2, 3, 4, 5, 6]), makeBlob([2], [7, 8])]),
    number: stored('a', [makeBlob([2, 3], [1, 2, 3, 4, 5, 6])]),
  };

  it('refuses weights that do not fit, naming layer, blob, shapes, file and fix', async () => {
    const net = await tinyNet(text());
    expect(() => net.copyTrainedFrom(misfit.shape, { file: 'old.caffemodel' })).toThrow(
      'old.caffemodel: layer "a" (InnerProduct): blob 0 has the shape 4 × 3, the net needs 2 × 3; ' +
        'rename the layer to train it anew, or set ignore_shape_mismatch: true in the solver to skip it',
    );
    expect(() => net.copyTrainedFrom(misfit.sameCount)).toThrow('blob 0 has the shape 3 × 2, the net needs 2 × 3');
    expect(() => net.copyTrainedFrom(misfit.number, { file: 'old.caffemodel' })).toThrow(
      'old.caffemodel: layer "a" (InnerProduct): has 1 blob there, the net\'s layer has 2; ' +
        'bias_term adds a blob: give it the same value, or rename the layer',
    );
    const damaged = stored('a', [create('BlobProto', { shape: { dim: [2, 3] }, data: [1] }), makeBlob([2], [1, 2])]);
    expect(() => net.copyTrainedFrom(damaged, { file: 'old.caffemodel' })).toThrow(
      /^old\.caffemodel: layer "a" \(InnerProduct\): data has 1 values/,
    );
  });

  it('with ignoreShapeMismatch copies what has the same count, skips the rest, and warns', async () => {
    const warnings: string[] = [];
    const net = await tinyNet(text(), {
      onEvent: (event) => event.type === 'warning' && warnings.push(event.message),
    });
    const before = weightsOf(net);
    net.copyTrainedFrom(misfit.shape, { ignoreShapeMismatch: true });
    expect(weightsOf(net)).toEqual([before[0], [1, 2]]);
    net.copyTrainedFrom(misfit.sameCount, { ignoreShapeMismatch: true });
    expect(weightsOf(net)).toEqual([
      [1, 2, 3, 4, 5, 6],
      [7, 8],
    ]);
    expect(warnings).toEqual([
      'blob 0 has the shape 4 × 3, the net needs 2 × 3: left as it was',
      'blob 0 has the shape 3 × 2, the net needs 2 × 3: copied in the order of its values',
    ]);
    expect(() => net.copyTrainedFrom(misfit.number, { ignoreShapeMismatch: true })).toThrow('has 1 blob there');
  });
});

describe('shapesEqual', () => {
  it('compares legacy shapes from the end', () => {
    expect(shapesEqual([1, 1, 1, 5], [5], true)).toBe(true);
    expect(shapesEqual([1, 1, 4, 5], [4, 5], true)).toBe(true);
    expect(shapesEqual([1, 2, 4, 5], [4, 5], true)).toBe(false);
    expect(shapesEqual([2, 3, 4, 5], [2, 3, 4, 5], true)).toBe(true);
    expect(shapesEqual([1, 1, 1, 5], [5], false)).toBe(false);
    expect(shapesEqual([1, 1, 1, 1], [1, 1, 1, 1, 1], true)).toBe(false);
    expect(shapesEqual([], [], false)).toBe(true);
  });
});

describe('weights of BatchNorm', () => {
  const blob = (...values: number[]) => makeBlob([values.length], values);

  it('takes five blobs in the order of old NVCaffe', async () => {
    const net = await batchNorm(2, true);
    net.copyTrainedFrom(stored('bn', [blob(10, 11), blob(20, 21), blob(1, 2), blob(3, 4), blob(9)], 'BatchNorm'));
    expect(weightsOf(net)).toEqual([[1, 2], [3, 4], [9], [10, 11], [20, 21]]);
  });

  it("takes five blobs in today's order, also of one channel", async () => {
    const net = await batchNorm(2, true);
    net.copyTrainedFrom(stored('bn', [blob(1, 2), blob(3, 4), blob(1), blob(10, 11), blob(20, 21)], 'BatchNorm'));
    expect(weightsOf(net)).toEqual([[1, 2], [3, 4], [1], [10, 11], [20, 21]]);
    const one = await batchNorm(1, true);
    one.copyTrainedFrom(stored('bn', [blob(5), blob(6), blob(1), blob(7), blob(8)], 'BatchNorm'));
    expect(weightsOf(one)).toEqual([[5], [6], [1], [7], [8]]);
    one.copyTrainedFrom(stored('bn', [blob(5), blob(6), blob(2), blob(7), blob(8)], 'BatchNorm'));
    expect(weightsOf(one)).toEqual([[2], [7], [8], [5], [6]]);
  });

  it('takes shapes with more axes and the same count', async () => {
    const net = await batchNorm(2, false);
    const blobs = [makeBlob([1, 2, 1, 1], [1, 2]), makeBlob([1, 2, 1, 1], [3, 4]), makeBlob([1, 1, 1, 1], [1])];
    net.copyTrainedFrom(stored('bn', blobs, 'BatchNorm'));
    expect(weightsOf(net)).toEqual([[1, 2], [3, 4], [1]]);
  });

  it('refuses another number of blobs; with ignoreShapeMismatch copies those that both have', async () => {
    const net = await batchNorm(2, true);
    const three = stored('bn', [blob(1, 2), blob(3, 4), blob(1)], 'BatchNorm');
    expect(() => net.copyTrainedFrom(three, { file: 'w' })).toThrow(
      'w: layer "bn" (BatchNorm): has 3 blobs there, the net\'s layer has 5; ' +
        'scale_bias in batch_norm_param makes five blobs, without it there are three',
    );
    net.copyTrainedFrom(three, { ignoreShapeMismatch: true });
    expect(weightsOf(net)).toEqual([[1, 2], [3, 4], [1], [0, 0], [0, 0]]);
  });
});

describe('shareTrainedWith', () => {
  it('uses the data of the other net by layer name, not its gradients', async () => {
    const train = await tinyNet(text(), { seed: 1 });
    const test = await tinyNet(text(), { seed: 2, weightsFrom: train });
    expect(weightsOf(test)).toEqual(weightsOf(train));
    train.learnableParams[0]!.tensor.data.hostUpdate().fill(4);
    expect(weightsOf(test)).toEqual(weightsOf(train));
    expect(test.learnableParams[0]!.tensor.diff).not.toBe(train.learnableParams[0]!.tensor.diff);
  });

  it('passes over layers that the test net lacks', async () => {
    const events: NetEvent[] = [];
    const train = await tinyNet(text());
    const test = await tinyNet('layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 1 } } }', {
      onEvent: (event) => events.push(event),
    });
    events.length = 0;
    test.shareTrainedWith(train);
    expect(events.map((event) => ('layer' in event ? event.layer : ''))).toEqual(['a', 'y_a_0_split', 'r']);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(['ignoring-source-layer']));
  });

  it('refuses layers that differ', async () => {
    const train = await tinyNet(text());
    await expect(tinyNet(text(3), { weightsFrom: train })).rejects.toThrow(
      'layer "a" (InnerProduct): blob 0 has the shape 3 × 3 in the one net and 2 × 3 in the other; ' +
        'give the layer the same parameters and inputs in both',
    );
    const bare = await tinyNet(text(2, false));
    expect(() => bare.shareTrainedWith(train)).toThrow(
      'layer "a" (InnerProduct): has 1 blob in the one net and 2 in the other; give the layer the same parameters in both',
    );
  });
});
