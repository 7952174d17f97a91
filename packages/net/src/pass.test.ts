import { Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { blobValues, type NetParameter } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { Layer, type Net, type NetEvent, type NetPlugin } from './index.ts';
import { tinyNet } from './testing/index.ts';

const text = `name: "two"
layer { name: "data" type: "Input" top: "x" top: "t" input_param { shape { dim: 2 dim: 2 } shape { dim: 2 dim: 1 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" param { name: "w" }
  inner_product_param { num_output: 1 bias_term: false weight_filler { value: 0.5 } } }
layer { name: "loss" type: "EuclideanLoss" bottom: "y" bottom: "t" top: "l" }`;

function run(net: Net): Promise<number> {
  net.blob('x').data.hostWrite<Float32Array>().set([1, 2, -3, 1]);
  net.blob('t').data.hostWrite<Float32Array>().set([0, 1]);
  return Promise.resolve(net.forward()).then(async (loss) => {
    await net.backward();
    return loss;
  });
}

// y = 1.5, −1; loss = (1.5² + 2²) / 4 = 1.5625; dy = 0.75, −1; dw = 0.75·(1, 2) − (−3, 1) = 3.75, 0.5
describe('plug-ins', () => {
  function recorder(log: string[], name: string, later = false): NetPlugin {
    const note = (line: string): void | Promise<void> => {
      if (!later) return void log.push(`${name} ${line}`);
      return Promise.resolve().then(() => void log.push(`${name} ${line}`));
    };
    return {
      beforeForward: (net) => note(`beforeForward ${net.name}`),
      afterForward: (_, loss) => note(`afterForward ${loss}`),
      beforeLayerForward: (layer) => note(`before ${layer.name}`),
      afterLayerForward: (layer) => note(`after ${layer.name}`),
      afterBackward: () => note('afterBackward'),
    };
  }

  it('are called at their times, in the order in which they were added, and waited for', async () => {
    const log: string[] = [];
    const net = (await tinyNet(text)).use(recorder(log, 'a', true)).use(recorder(log, 'b'));
    expect(await run(net)).toBe(1.5625);
    const layers = ['data', 'ip', 'loss'];
    expect(log).toEqual([
      'a beforeForward two',
      'b beforeForward two',
      ...layers.flatMap((layer) => [`a before ${layer}`, `b before ${layer}`, `a after ${layer}`, `b after ${layer}`]),
      'a afterForward 1.5625',
      'b afterForward 1.5625',
      'a afterBackward',
      'b afterBackward',
    ]);
  });

  it('leave a net synchronous that do not wait and do not watch layers', async () => {
    const net = await tinyNet(text);
    let passes = 0;
    net.use({ afterForward: () => void passes++, afterBackward: () => void passes++ });
    expect(typeof net.forward()).toBe('number');
    expect(net.backward()).toBeUndefined();
    expect(passes).toBe(2);
  });

  it('may change blobs between layers', async () => {
    const net = await tinyNet(text);
    net.use({
      afterLayerForward({ name }, { blobs }) {
        if (name === 'ip') blobs.get('y')!.data.hostWrite().fill(0);
      },
    });
    expect(await run(net)).toBe(0.25);
  });

  it('may change what is saved', async () => {
    const net = await tinyNet(text);
    net.use({
      onSave(message: NetParameter) {
        message.name = 'changed';
      },
    });
    expect(net.toProto().name).toBe('changed');
    expect(net.name).toBe('two');
  });
});

describe('a backend that cannot be read at once', () => {
  /** Hands its result over as a backend with memory of its own does. */
  class Remote extends Layer {
    static override readonly type = 'Remote';

    reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
      top!.reshapeLike(bottom!);
      this.blobs[0] ??= new Tensor(this.backend, [1]);
    }

    forward(_: readonly Tensor[], [top]: readonly Tensor[]): void {
      top!.data.hostWrite().fill(2);
      top!.data.markCurrent('device');
      this.blobs[0]!.data.hostWrite().fill(3);
      this.blobs[0]!.data.markCurrent('device');
    }
  }

  it('makes forward wait for the loss, and gives params after readParams', async () => {
    let downloads = 0;
    const backend = {
      ...createReferenceBackend(),
      synchronous: false,
      download: () => {
        throw new Error('not at once');
      },
      downloadAsync: async () => void downloads++,
    };
    const net = await tinyNet(
      `layer { name: "d" type: "Input" top: "x" input_param { shape { dim: 3 } } }
       layer { name: "r" type: "Remote" bottom: "x" top: "y" loss_weight: 0.5 }`,
      { backend, layers: [Remote] },
    );
    const loss = net.forward();
    expect(loss).toBeInstanceOf(Promise);
    expect(await loss).toBe(3);
    expect(downloads).toBe(1);
    expect(() => net.toProto()).toThrow('not at once');
    await net.readParams();
    expect(blobValues(net.toProto().layer[1]!.blobs[0]!)[0]).toBe(3);
  });
});

describe('debug_info', () => {
  const expected = [
    '[Forward] Layer data',
    ' -> top blob x, count: 4 data: 1.75',
    ' -> top blob t, count: 2 data: 0.5',
    '[Forward] Layer ip',
    ' -> top blob y, count: 2 data: 1.25',
    ' -> param blob w, count: 2 data: 0.5',
    '[Forward] Layer loss',
    ' -> top blob l, count: 1 data: 1.5625',
    '[Backward] Layer loss',
    ' -> bottom blob y, count: 2, diff: 0.875',
    '[Backward] Layer ip',
    ' -> param blob 0, count: 2, diff: 2.125',
    '    [Backward] All net params (data, diff): L1 norm = (1, 4.25); L2 norm = (0.707107, 3.78319)',
  ];

  it('emits the lines that Caffe logs', async () => {
    const lines: string[] = [];
    const onEvent = (event: NetEvent) => void (event.type === 'debug-info' && lines.push(event.line));
    await run(await tinyNet(`debug_info: true ${text}`, { onEvent }));
    expect(lines).toEqual(expected);
  });

  it('can be switched on and off', async () => {
    const lines: string[] = [];
    const net = await tinyNet(text, { onEvent: (event) => event.type === 'debug-info' && lines.push(event.line) });
    await run(net);
    expect(lines).toEqual([]);
    net.debugInfo = true;
    await run(net);
    expect(lines).toHaveLength(expected.length);
    net.debugInfo = false;
    expect(typeof net.forward()).toBe('number');
  });

  it('prints numbers as C++ streams do', async () => {
    const lines: string[] = [];
    const net = await tinyNet(
      `debug_info: true
      layer { name: "d" type: "Input" top: "x" input_param { shape { dim: 1 } } }`,
      {
        onEvent: (event) => event.type === 'debug-info' && lines.push(event.line),
      },
    );
    for (const value of [1e-5, 123456.7, 1234567, 0, Number.NaN, -Infinity, 1 / 3, 2.5e-38]) {
      net.blob('x').data.hostWrite()[0] = value;
      await net.forward();
    }
    const printed = lines.filter((line) => line.startsWith(' ->')).map((line) => line.slice(line.lastIndexOf(' ') + 1));
    expect(printed).toEqual(['1e-05', '123457', '1.23457e+06', '0', 'nan', 'inf', '0.333333', '2.5e-38']);
  });
});
