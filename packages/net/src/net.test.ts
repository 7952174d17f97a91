import { Tensor } from '@jacinto/core-tensor';
import { Phase } from '@jacinto/proto';
import { describe, expect, it, vi } from 'vitest';
import { type Arity, eventText, Layer, type NetEvent } from './index.ts';
import { tinyNet } from './testing/index.ts';

const regression = `
name: "regression"
layer { name: "data" type: "Input" top: "x" top: "t" input_param { shape { dim: 4 dim: 3 } shape { dim: 4 dim: 2 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y"
  inner_product_param { num_output: 2 weight_filler { type: "xavier" } bias_filler { value: 0.5 } } }
layer { name: "relu" type: "ReLU" bottom: "y" top: "y" }
layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "t" top: "loss" }
`;
const inputs = {
  x: [1, 2, 3, -1, 0, 1, 2, 2, 2, 0.5, -1, 0],
  t: [1, 2, 0, 1, 3, 1, 0, 2],
};

function setInputs(net: Awaited<ReturnType<typeof tinyNet>>): void {
  for (const [name, values] of Object.entries(inputs)) net.blob(name).data.hostWrite<Float32Array>().set(values);
}

/** Twice the bottom; waits before it answers. */
class SlowDouble extends Layer {
  static override readonly type = 'SlowDouble';

  reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    top!.reshapeLike(bottom!);
  }

  async forward([bottom]: readonly Tensor[], [top]: readonly Tensor[]): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, 1));
    top!.data.hostWrite<Float32Array>().set(bottom!.data.hostRead().map((value) => 2 * value));
  }

  override async backward([top]: readonly Tensor[], [wanted]: readonly boolean[], [bottom]: readonly Tensor[]) {
    await Promise.resolve();
    if (wanted) bottom!.diff.hostWrite<Float32Array>().set(top!.diff.hostRead().map((value) => 2 * value));
  }
}

/** Counts how often it is reshaped; its state is the number of forward passes. */
class Counter extends Layer {
  static override readonly type: string = 'Counter';
  reshapes = 0;
  forwards = 0;
  seeds: number[] = [];

  reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
    this.reshapes++;
    this.seeds.push(this.context.seed);
    top!.reshapeLike(bottom!);
  }

  forward(): void {
    this.forwards++;
  }

  override saveState() {
    return { forwards: this.forwards };
  }

  override restoreState({ forwards }: { forwards?: number }): void {
    this.forwards = forwards!;
  }
}

describe('Net', () => {
  it('learns by forward, backward and a step down the gradient', async () => {
    const net = await tinyNet(regression, { phase: Phase.TRAIN });
    setInputs(net);
    const first = net.forward() as number;
    for (let i = 0; i < 50; i++) {
      net.clearParamDiffs();
      net.forward();
      net.backward();
      for (const { tensor } of net.learnableParams) {
        const [w, dw] = [tensor.data.hostUpdate(), tensor.diff.hostRead()];
        for (let k = 0; k < w.length; k++) w[k]! -= 0.1 * dw[k]!;
      }
    }
    expect(net.forward()).toBeLessThan(first / 2);
  });

  it('shows layers, blobs, inputs, outputs and params', async () => {
    const net = await tinyNet(regression);
    expect(net.name).toBe('regression');
    expect(net.phase).toBe(Phase.TEST);
    expect(net.layers.map(({ name, type }) => `${name} ${type}`)).toEqual([
      'data Input',
      'ip InnerProduct',
      'relu ReLU',
      'loss EuclideanLoss',
    ]);
    expect([...net.blobs.keys()]).toEqual(['x', 't', 'y', 'loss']);
    expect(net.inputs.map(({ name, tensor }) => [name, tensor.shape])).toEqual([
      ['x', [4, 3]],
      ['t', [4, 2]],
    ]);
    expect(net.outputs.map(({ name, lossWeight }) => [name, lossWeight])).toEqual([['loss', 1]]);
    expect(
      net.learnableParams.map(({ layerName, index, displayName, tensor }) => [
        layerName,
        index,
        displayName,
        tensor.shape,
      ]),
    ).toEqual([
      ['ip', 0, '0', [2, 3]],
      ['ip', 1, '1', [2]],
    ]);
    const { bottoms, tops, bottomNames, needsBackward, propagateDown } = net.layer('relu');
    expect(bottoms[0]).toBe(tops[0]);
    expect([bottomNames, needsBackward, propagateDown]).toEqual([['y'], true, [true]]);
    expect(net.memoryBytes).toEqual({ data: 4 * (12 + 8 + 8 + 1), diff: 4, params: 4 * 8, paramDiffs: 0 });
  });

  it('is synchronous where its layers are, and waits for those that are not', async () => {
    const net = await tinyNet(regression);
    setInputs(net);
    expect(typeof net.forward()).toBe('number');
    expect(net.backward()).toBeUndefined();

    const slow = await tinyNet(
      regression
        .replace('type: "ReLU"', 'type: "SlowDouble"')
        .replace('top: "y" }\nlayer { name: "loss"', 'top: "z" }\nlayer { name: "loss"')
        .replace('"EuclideanLoss" bottom: "y"', '"EuclideanLoss" bottom: "z"'),
      {
        layers: [SlowDouble],
      },
    );
    setInputs(slow);
    const loss = slow.forward();
    expect(loss).toBeInstanceOf(Promise);
    expect(await loss).toBeGreaterThan(0);
    const doubled = Array.from(slow.blob('y').data.hostRead(), (value) => 2 * value);
    expect(Array.from(slow.blob('z').data.hostRead())).toEqual(doubled);
    const backward = slow.backward();
    expect(backward).toBeInstanceOf(Promise);
    await backward;
    const dz = slow.blob('z').diff.hostRead();
    expect(Array.from(slow.blob('y').diff.hostRead())).toEqual(Array.from(dz, (value) => 2 * value));
  });

  it('sums weighted losses, and gives the weight as their gradient', async () => {
    const net = await tinyNet(
      `${regression.replace('top: "loss" }', 'top: "loss" loss_weight: 0.25 }')}
       layer { name: "more" type: "InnerProduct" bottom: "t" top: "more" loss_weight: 2
         inner_product_param { num_output: 1 bias_term: false weight_filler { value: 1 } } }`,
    );
    setInputs(net);
    const total = net.forward() as number;
    const sumOfTargets = inputs.t.reduce((sum, value) => sum + value, 0);
    expect(total).toBeCloseTo(0.25 * net.blob('loss').data.hostRead()[0]! + 2 * sumOfTargets, 4);
    net.backward();
    expect(Array.from(net.blob('loss').diff.hostRead())).toEqual([0.25]);
    expect(Array.from(net.blob('more').diff.hostRead())).toEqual([2, 2, 2, 2]);
  });

  it('counts a loss once where its split carries the weight', async () => {
    const net = await tinyNet(
      `${regression.replace('top: "loss" }', 'top: "loss" loss_weight: 3 }')}
       layer { name: "s1" type: "Silence" bottom: "loss" }`,
    );
    setInputs(net);
    const total = net.forward() as number;
    expect(net.layer('loss').lossWeights).toEqual([0]);
    expect(net.layer('loss_loss_0_split').lossWeights).toEqual([3, 0]);
    expect(total).toBeCloseTo(3 * net.blob('loss').data.hostRead()[0]!, 5);
  });

  it('makes the top that a loss layer names not', async () => {
    const net = await tinyNet(regression.replace(' top: "loss" }', ' }'));
    expect(net.layer('loss').topNames).toEqual(['(automatic)']);
    expect(net.outputs).toEqual([]);
    setInputs(net);
    expect(net.forward()).toBeGreaterThan(0);
  });

  it('adds to the gradients of params until they are cleared', async () => {
    const net = await tinyNet(regression);
    setInputs(net);
    net.forward();
    net.backward();
    const once = Array.from(net.learnableParams[0]!.tensor.diff.hostRead());
    net.backward();
    net.learnableParams[0]!.tensor.diff.hostRead().forEach((value, i) => {
      expect(value).toBeCloseTo(2 * once[i]!, 5);
    });
    net.clearParamDiffs();
    expect(Array.from(net.learnableParams[0]!.tensor.diff.hostRead())).toEqual(once.map(() => 0));
  });

  it('runs part of the net, by name or index', async () => {
    const net = await tinyNet(regression);
    setInputs(net);
    net.forward();
    const before = net.blob('y').data.hostRead().slice();
    net.blob('x').data.hostUpdate()[0]! += 1;
    expect(net.forward({ from: 'relu' })).toBeGreaterThan(0);
    expect(net.blob('y').data.hostRead()).toEqual(before);
    net.forward({ from: 1, to: 'ip' });
    expect(net.blob('y').data.hostRead()).not.toEqual(before);
    net.backward({ from: 'loss' });
    expect(net.learnableParams[0]!.tensor.diff.isAllocated).toBe(false);
    expect(() => net.forward({ to: 4 })).toThrow('to is layer 4; use 0 to 3');
    expect(() => net.forward({ from: 'rellu' })).toThrow('layer "rellu" is not known; did you mean "relu"?');
  });

  it('names the nearest blob and layer', async () => {
    const net = await tinyNet(regression);
    expect(() => net.blob('los')).toThrow('blob "los" is not known; did you mean "loss"?');
    expect(() => net.layer('lp')).toThrow('layer "lp" is not known; did you mean "ip"?');
  });

  it('reshapes a layer only where a bottom has another shape', async () => {
    const net = await tinyNet(
      `layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 2 dim: 3 } } }
       layer { name: "c" type: "Counter" bottom: "x" top: "y" }
       layer { name: "d" type: "Counter" bottom: "y" top: "z" }`,
      { layers: [Counter] },
    );
    const counters = ['c', 'd'].map((name) => net.layer(name).layer as Counter);
    const reshapes = () => counters.map((each) => each.reshapes);
    net.forward();
    net.forward();
    expect(reshapes()).toEqual([1, 1]);
    net.blob('x').reshape([5, 3]);
    net.forward();
    net.forward();
    expect(reshapes()).toEqual([2, 2]);
    expect(net.blob('z').shape).toEqual([5, 3]);
    net.blob('x').reshape([1, 3]);
    net.reshape();
    expect(net.blob('z').shape).toEqual([1, 3]);
    net.forward();
    expect(reshapes()).toEqual([3, 3]);
  });

  it('reshapes a layer each time where the layer asks for it', async () => {
    class Restless extends Counter {
      static override readonly type = 'Restless';

      override reshapesEachForward(): boolean {
        return true;
      }
    }
    const net = await tinyNet(
      `layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 2 } } }
       layer { name: "c" type: "Restless" bottom: "x" top: "y" }`,
      { layers: [Restless] },
    );
    net.forward();
    net.forward();
    expect((net.layer('c').layer as Counter).reshapes).toBe(3);
  });

  it('saves and restores the state of its layers, the forward count and the seed', async () => {
    const text = `layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 2 } } }
      layer { name: "c" type: "Counter" bottom: "x" top: "y" }`;
    const net = await tinyNet(text, { layers: [Counter], seed: 7 });
    for (let i = 0; i < 3; i++) net.forward();
    const state = JSON.parse(JSON.stringify(net.saveState()));
    expect(state).toEqual({ forwardCount: 3, seed: 7, layers: { c: { forwards: 3 } } });
    const other = await tinyNet(text, { layers: [Counter], seed: 8 });
    other.restoreState(state);
    const counter = other.layer('c').layer as Counter;
    expect([other.forwardCount, other.seed, counter.forwards]).toEqual([3, 7, 3]);
    expect(counter.context.forwardCount()).toBe(3);
    other.forward();
    expect(counter.seeds, 'what was prepared with the old seed is prepared anew').toEqual([8, 7]);
    expect(other.forwardCount).toBe(4);
  });

  it('draws the same weights for the same seed, others for another', async () => {
    const weights = async (seed?: number) =>
      Array.from((await tinyNet(regression, { seed })).learnableParams[0]!.tensor.data.hostRead());
    expect(await weights(3)).toEqual(await weights(3));
    expect(await weights(3)).not.toEqual(await weights(4));
    expect(await weights()).not.toEqual(await weights());
  });

  it('tells layers what they may know of the solver, and where paths start', async () => {
    let iteration = 0;
    const net = await tinyNet(regression, {
      iteration: () => iteration,
      gradientScale: () => 8,
      baseFolder: '/models/mine/',
      phase: Phase.TRAIN,
    });
    const { context } = net.layer('relu').layer;
    iteration = 5;
    expect([context.iteration(), context.gradientScale(), context.index, context.phase]).toEqual([
      5,
      8,
      2,
      Phase.TRAIN,
    ]);
    expect(context.resolvePath('./data/list.txt')).toBe('/models/mine/data/list.txt');
    expect(context.resolvePath('/data/list.txt')).toBe('/data/list.txt');
    expect(context.resolvePath('C:\\data')).toBe('C:\\data');
  });

  it('lets a layer have a phase of its own', async () => {
    const net = await tinyNet(regression.replace('type: "ReLU"', 'type: "ReLU" phase: TRAIN'));
    expect(net.layer('relu').layer.context.phase).toBe(Phase.TRAIN);
    expect(net.layer('ip').layer.context.phase).toBe(Phase.TEST);
  });

  it('adds phase, level and stages to the state of the prototxt', async () => {
    const text = `state { level: 2 stage: "a" }
      layer { name: "data" type: "Input" top: "x" input_param { shape { dim: 2 } } }
      layer { name: "train" type: "ReLU" bottom: "x" top: "x" include { phase: TRAIN min_level: 2 stage: "a" stage: "b" } }`;
    const names = async (options = {}) => (await tinyNet(text, options)).layers.map(({ name }) => name).join(' ');
    expect(await names()).toBe('data');
    expect(await names({ phase: Phase.TRAIN, stages: ['b'] })).toBe('data train');
    expect(await names({ phase: Phase.TRAIN, stages: ['b'], level: 1 })).toBe('data');
  });

  it('takes nets with V1 layers and input fields', async () => {
    const net = await tinyNet(`input: "x" input_dim: 1 input_dim: 2 input_dim: 1 input_dim: 1
      layers { name: "r" type: RELU bottom: "x" top: "y" }`);
    expect(net.layers.map(({ type }) => type)).toEqual(['Input', 'ReLU']);
    expect(net.blob('y').shape).toEqual([1, 2, 1, 1]);
  });

  it('says all that Caffe logs while it builds', async () => {
    const events: NetEvent[] = [];
    const text = `name: "tiny" state { phase: TRAIN }
      layer { name: "data" type: "Input" top: "x" top: "t" input_param { shape { dim: 2 dim: 3 } } }
      layer { name: "relu" type: "ReLU" bottom: "x" top: "x" }
      layer { name: "a" type: "InnerProduct" bottom: "x" top: "y" param { name: "w" }
        inner_product_param { num_output: 3 bias_term: false } }
      layer { name: "b" type: "InnerProduct" bottom: "y" top: "z" param { name: "w" }
        inner_product_param { num_output: 3 bias_term: false } }
      layer { name: "test" type: "Silence" bottom: "x" include { phase: TEST } }
      layer { name: "loss" type: "EuclideanLoss" bottom: "z" bottom: "t" }`;
    await tinyNet(text, { onEvent: (event) => events.push(event) });
    const [unmet, first, ...rest] = events.map(eventText);
    expect(unmet).toBe('The NetState phase (0) differed from the phase (1) specified by a rule in layer test');
    expect(first).toContain('Initializing net from parameters: \nname: "tiny"\nstate {\n  phase: TRAIN\n');
    expect(rest).toEqual([
      'Using FLOAT as default forward math type',
      'Using FLOAT as default backward math type',
      'Created Layer data (0)',
      'data -> x',
      'data -> t',
      'Setting up data',
      "TRAIN Top shape for layer 0 'data' 2 3 (6)",
      "TRAIN Top shape for layer 0 'data' 2 3 (6)",
      'Created Layer relu (1)',
      'relu <- x',
      'relu -> x (in-place)',
      'Setting up relu',
      "TRAIN Top shape for layer 1 'relu' 2 3 (6)",
      'Created Layer a (2)',
      'a <- x',
      'a -> y',
      'Setting up a',
      "TRAIN Top shape for layer 2 'a' 2 3 (6)",
      'Created Layer b (3)',
      'b <- y',
      'b -> z',
      'Setting up b',
      "TRAIN Top shape for layer 3 'b' 2 3 (6)",
      "Sharing parameters 'w' owned by layer 'a', param index 0",
      'Created Layer loss (4)',
      'loss <- z',
      'loss <- t',
      'loss -> (automatic)',
      'Setting up loss',
      "TRAIN Top shape for layer 4 'loss' (1)",
      '    with loss weight 1',
      'loss needs backward computation.',
      'b needs backward computation.',
      'a needs backward computation.',
      'relu does not need backward computation.',
      'data does not need backward computation.',
      'Network initialization done.',
    ]);
  });

  it('disposes of layers, also of a net that could not be built', async () => {
    const disposed: string[] = [];
    class Worker extends Layer {
      static override readonly type = 'Worker';

      override bottomArity(): Arity {
        return { exact: 0 };
      }

      reshape(_: readonly Tensor[], [top]: readonly Tensor[]): void {
        top!.reshape([1]);
      }

      forward(): void {}

      override dispose(): void {
        disposed.push(this.name);
      }
    }
    const worker = 'layer { name: "w" type: "Worker" top: "x" }';
    const net = await tinyNet(worker, { layers: [Worker] });
    await net.dispose();
    expect(disposed).toEqual(['w']);
    await expect(
      tinyNet(`${worker} layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" }`, { layers: [Worker] }),
    ).rejects.toThrow('layer "ip" (InnerProduct): inner_product_param.num_output is missing; use 1 or more');
    expect(disposed).toEqual(['w', 'w']);
  });

  it('clears gradients without preparing anything anew', async () => {
    const net = await tinyNet(regression);
    setInputs(net);
    net.forward();
    net.backward();
    net.clearParamDiffs();
    const fill = vi.spyOn(net.backend, 'fill');
    net.backward();
    expect(net.learnableParams.some(({ tensor }) => tensor.diff.hostRead().some((value) => value !== 0))).toBe(true);
    net.clearParamDiffs();
    expect(fill).not.toHaveBeenCalled();
    for (const { tensor } of net.learnableParams) expect([...tensor.diff.hostRead()].every((v) => v === 0)).toBe(true);
  });

  it('frees its memory', async () => {
    const net = await tinyNet(regression);
    setInputs(net);
    net.forward();
    net.backward();
    expect(net.backend.host.usedBytes).toBeGreaterThan(0);
    await net.dispose();
    expect(net.backend.host.usedBytes).toBe(0);
  });

  it('runs an empty net', async () => {
    const net = await tinyNet('name: "nothing"');
    expect(net.forward()).toBe(0);
    expect(net.backward()).toBeUndefined();
  });

  it('leaves Tensors made by callers alone', async () => {
    const net = await tinyNet(regression);
    const mine = new Tensor(net.backend, [4, 3]);
    mine.data.hostWrite<Float32Array>().set(inputs.x);
    net.blob('x').shareData(mine);
    net.forward();
    await net.dispose();
    expect(Array.from(mine.data.hostRead())).toEqual(inputs.x);
  });
});
