import { createCpuBackend, RandomStream, type Tensor } from '@jacinto/core-tensor';
import { LayerRegistry, Net } from '@jacinto/net';
import { Phase, readNet } from '@jacinto/proto';
import { afterAll, describe, expect, test } from 'vitest';
import { standardLayers } from '../list.ts';
import { alexnet } from './alexnet.ts';
import { cifar10Full } from './cifar10-full.ts';
import { densenet121 } from './densenet121.ts';
import { fcn8s } from './fcn8s.ts';
import { googlenet } from './googlenet.ts';
import { lenet } from './lenet.ts';
import { lstmWords } from './lstm-words.ts';
import { mobilenet } from './mobilenet.ts';
import { resnet50 } from './resnet50.ts';
import { squeezenet } from './squeezenet.ts';
import { vgg16 } from './vgg16.ts';

// The reference networks of the field, built from their public structure and run forward and backward with random
// weights on small pictures. The number of learned values must be the published one, less what a smaller picture saves.
const backend = await createCpuBackend({ threads: 2 });
afterAll(() => backend.dispose());
const registry = new LayerRegistry(standardLayers);
const statistics = new Set(['BatchNorm']);

interface Expected {
  net: string;
  classes: number;
  /** Learned values, batch norm's statistics left out. */
  learned: number;
  labelClasses?: number;
}

const networks: Record<string, Expected> = {
  LeNet: { net: lenet(), classes: 10, learned: 431_080 },
  cifar10_full: { net: cifar10Full(), classes: 10, learned: 89_578 },
  AlexNet: { net: alexnet({ size: 67 }), classes: 1000, learned: 60_965_224 - (9216 - 256) * 4096 },
  GoogLeNet: { net: googlenet({ size: 96 }), classes: 1000, learned: 13_378_280 - 2 * (2048 - 512) * 1024 },
  'VGG-16': { net: vgg16({ size: 32 }), classes: 1000, learned: 138_357_544 - (25_088 - 512) * 4096 },
  'ResNet-50': { net: resnet50({ size: 64 }), classes: 1000, learned: 25_557_032 },
  'SqueezeNet v1.1': { net: squeezenet({ size: 67 }), classes: 1000, learned: 1_235_496 },
  'MobileNet v1': { net: mobilenet({ size: 64 }), classes: 1000, learned: 4_231_976 },
  'DenseNet-121': { net: densenet121({ size: 64 }), classes: 1000, learned: 7_978_856 },
};

async function build(text: string, phase: keyof typeof Phase = 'TRAIN'): Promise<Net> {
  const net = await Net.create(readNet(text), { backend, registry, phase: Phase[phase] as number, seed: 1 });
  const random = new RandomStream(1, 99);
  const data = net.blob('data').data.hostWrite<Float32Array>();
  for (let i = 0; i < data.length; i++) data[i] = random.gaussian(0, 1);
  return net;
}

/** Runs forward and backward: the loss is near that of a guess, and every parameter gets a finite gradient. */
async function checkRun(net: Net, classes: number): Promise<number> {
  const loss = await net.forward();
  expect(loss).toBeGreaterThan(0.1);
  expect(loss).toBeLessThan(20 * Math.log(classes));
  net.clearParamDiffs();
  await net.backward();
  for (const { name, type, layer } of net.layers) {
    for (const [i, blob] of layer.blobs.entries()) {
      if (statistics.has(type)) continue;
      expect(await largest(blob, 'diff'), `gradient of ${name}[${i}]`).toBeLessThan(Number.POSITIVE_INFINITY);
      expect(await largest(blob, 'diff'), `gradient of ${name}[${i}]`).toBeGreaterThan(0);
    }
  }
  return loss;
}

/** The largest |value|; infinite where one is no number. */
async function largest(tensor: Tensor, part: 'data' | 'diff'): Promise<number> {
  let most = 0;
  for (const value of await tensor[part].read<Float32Array>()) {
    if (!Number.isFinite(value)) return Number.POSITIVE_INFINITY;
    most = Math.max(most, Math.abs(value));
  }
  return most;
}

function learned(net: Net): number {
  let count = 0;
  for (const { type, layer } of net.layers) {
    if (!statistics.has(type)) for (const blob of layer.blobs) count += blob.count;
  }
  return count;
}

describe('reference networks', () => {
  test.each(Object.entries(networks))('%s', async (_, expected) => {
    const net = await build(expected.net);
    expect(learned(net)).toBe(expected.learned);
    net.blob('label').data.hostWrite().fill(3);
    await checkRun(net, expected.classes);
    await net.dispose();
  });

  test('FCN-8s gives scores for every pixel', async () => {
    const net = await build(fcn8s({ size: 40, width: 1 / 8 }));
    expect(net.blob('score').shape).toEqual([1, 21, 40, 40]);
    const labels = net.blob('label').data.hostWrite<Float32Array>();
    for (let i = 0; i < labels.length; i++) labels[i] = i % 22 === 21 ? 255 : i % 22;
    await checkRun(net, 21);
    await net.dispose();
  });

  test('an LSTM over sentences with `cont`', async () => {
    const net = await build(lstmWords());
    const fill = (blob: string, value: (i: number) => number): void => {
      const values = net.blob(blob).data.hostWrite<Float32Array>();
      for (let i = 0; i < values.length; i++) values[i] = value(i);
    };
    fill('data', (i) => (i * 7) % 50);
    fill('label', (i) => (i % 9 === 8 ? -1 : (i * 7 + 3) % 50));
    fill('cont', (i) => (i < 4 || i === 22 ? 0 : 1));
    const loss = await checkRun(net, 50);
    expect(loss).toBeCloseTo(Math.log(50), 1);
    await net.dispose();
  });

  test('LeNet in TEST has an accuracy, and the same net in V1 form is the same net', async () => {
    const [now, old] = [await build(lenet(), 'TEST'), await build(asV1(lenet()), 'TEST')];
    old.copyTrainedFrom(now.toProto());
    for (const net of [now, old]) net.blob('label').data.hostWrite().fill(3);
    expect(await old.forward()).toBe(await now.forward());
    expect([...(await now.blob('accuracy').data.read())]).toEqual([...(await old.blob('accuracy').data.read())]);
    await now.dispose();
    await old.dispose();
  });
});

/** A net of the old form: `layers` with types in capitals, inputs as fields of the net. */
function asV1(text: string): string {
  const inputs = [...text.matchAll(/layer \{ name: "(\w+)" type: "Input".*?shape \{ (.*?) \}/g)].map(
    ([, name, dims]) => {
      const lengths = dims!.match(/\d+/g)!;
      return `input: "${name}" ${[...lengths, 1, 1, 1]
        .slice(0, 4)
        .map((length) => `input_dim: ${length}`)
        .join(' ')}`;
    },
  );
  const types: Record<string, string> = {
    Convolution: 'CONVOLUTION',
    Pooling: 'POOLING',
    InnerProduct: 'INNER_PRODUCT',
    ReLU: 'RELU',
    Accuracy: 'ACCURACY',
    SoftmaxWithLoss: 'SOFTMAX_LOSS',
  };
  const layers = text
    .split('\n')
    .filter((line) => !line.includes('"Input"'))
    .map((line) =>
      line.replace('layer {', 'layers {').replace(/type: "(\w+)" bottom/, (_, type) => `type: ${types[type]} bottom`),
    );
  return [...inputs, ...layers].join('\n');
}
