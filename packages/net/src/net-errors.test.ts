import type { Tensor } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import { describe, expect, it } from 'vitest';
import { type Arity, Layer } from './index.ts';
import { tinyNet } from './testing/index.ts';

const data = 'layer { name: "data" type: "Input" top: "x" top: "t" input_param { shape { dim: 2 dim: 3 } } }\n';
const ip = (more: string, top = 'y') =>
  `layer { name: "${top}_ip" type: "InnerProduct" bottom: "x" top: "${top}" ${more} inner_product_param { num_output: 3 } }\n`;

describe('errors of a net', () => {
  it.each([
    [
      'a layer type that does not exist',
      `${data}layer { name: "a" type: "InerProduct" bottom: "x" top: "y" }`,
      'net.prototxt:2: layer "a" (InerProduct): type "InerProduct" is not known; did you mean "InnerProduct"?',
    ],
    [
      'a layer without a type',
      `${data}layer { name: "a" bottom: "x" top: "y" }`,
      'net.prototxt:2: layer "a" (): type is missing; say type: "…"',
    ],
    [
      'a bottom that nobody makes',
      `${data}layer { name: "a" type: "ReLU" bottom: "xx" top: "y" }`,
      'net.prototxt:2: layer "a" (ReLU): bottom "xx" is made by no layer; did you mean "x"?',
    ],
    [
      'a bottom whose layer is left out in this phase',
      `layer { name: "d" type: "Input" top: "x" include { phase: TRAIN } }
layer { name: "a" type: "ReLU" bottom: "x" top: "y" }`,
      'net.prototxt:2: layer "a" (ReLU): bottom "x" is made by no layer; ' +
        'layer "d" makes it, but its include or exclude rules leave it out (phase TEST)',
    ],
    [
      'a top made twice',
      `${data}layer { name: "a" type: "ReLU" bottom: "x" top: "t" }`,
      'net.prototxt:2: layer "a" (ReLU): top "t" is already made by layer "data" (line 1); give one of them another name',
    ],
    [
      'include and exclude together',
      `${data}layer { name: "a" type: "ReLU" bottom: "x" top: "y" include { phase: TEST } exclude { phase: TRAIN } }`,
      'net.prototxt:2: layer "a" (ReLU): include and exclude are both given',
    ],
    [
      'too few bottoms',
      `${data}layer { name: "a" type: "EuclideanLoss" bottom: "x" top: "y" }`,
      'net.prototxt:2: layer "a" (EuclideanLoss): has 1 bottom, takes 2 bottoms; give 1 more',
    ],
    [
      'too many tops',
      `${data}layer { name: "a" type: "ReLU" bottom: "x" top: "y" top: "z" }`,
      'net.prototxt:2: layer "a" (ReLU): has 2 tops, takes 1 top; leave 1 out',
    ],
    [
      'no top where one is needed',
      `${data}layer { name: "a" type: "Split" bottom: "x" }`,
      'net.prototxt:2: layer "a" (Split): has 0 tops, takes at least 1 top; give 1 more',
    ],
    [
      'propagate_down of the wrong length',
      data + ip('propagate_down: true propagate_down: false'),
      'net.prototxt:2: layer "y_ip" (InnerProduct): propagate_down is given 2 times, but the layer has 1 bottom',
    ],
    [
      'loss_weight of the wrong length',
      data + ip('loss_weight: 1 loss_weight: 2'),
      'net.prototxt:2: layer "y_ip" (InnerProduct): loss_weight is given 2 times, but the layer has 1 top; ' +
        'give it once for each top, or not at all',
    ],
    [
      'more param than blobs',
      data + ip('param { } param { } param { }'),
      'net.prototxt:2: layer "y_ip" (InnerProduct): param is given 3 times, but the layer has 2 blobs; give it 2 times at most',
    ],
    [
      'param on a layer without blobs',
      `${data}layer { name: "a" type: "ReLU" bottom: "x" top: "y" param { lr_mult: 1 } }`,
      'net.prototxt:2: layer "a" (ReLU): param is given once, but the layer has 0 blobs; remove it',
    ],
    [
      'an unknown filler',
      `${data}layer { name: "a" type: "InnerProduct" bottom: "x" top: "y"
         inner_product_param { num_output: 2 weight_filler { type: "xaver" } } }`,
      'net.prototxt:2: layer "a" (InnerProduct): filler.type "xaver" is not known; did you mean "xavier"?',
    ],
  ])('%s', async (_, text, message) => {
    const error = await tinyNet(text).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(CaffeError);
    expect((error as CaffeError).message).toContain(message);
    expect((error as CaffeError).facts).toMatchObject({ file: 'net.prototxt' });
  });

  it('names how many bottoms a layer takes', async () => {
    class Two extends Layer {
      static override readonly type = 'Two';

      override bottomArity(): Arity {
        return { min: 2, max: 3 };
      }

      reshape(): void {}

      forward(): void {}
    }
    await expect(
      tinyNet(`${data}layer { name: "a" type: "Two" bottom: "x" top: "y" }`, { layers: [Two] }),
    ).rejects.toThrow('layer "a" (Two): has 1 bottom, takes 2 to 3 bottoms; give 1 more');
  });

  describe('while it runs', () => {
    class Picky extends Layer {
      static override readonly type = 'Picky';
      fault = '';
      file: string | undefined;
      later = false;

      reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
        if (this.fault === 'reshape') throw this.badShape('cannot take this shape', 'use another');
        top!.reshapeLike(bottom!);
      }

      forward(): void | Promise<void> {
        if (this.fault !== 'forward') return;
        const error = new CaffeError({ code: 'bad-data', problem: 'the label is 12', file: this.file });
        if (this.later) return Promise.reject(error);
        throw error;
      }

      override backward(): void | Promise<void> {
        const error = new CaffeError({ code: 'unsupported', problem: 'has no gradient' });
        if (this.later) return Promise.reject(error);
        throw error;
      }
    }

    const make = async () => {
      const net = await tinyNet(
        `${data}layer { name: "p" type: "Picky" bottom: "x" top: "y" loss_weight: 1 propagate_down: true }`,
        { layers: [Picky] },
      );
      return { net, picky: net.layer('p').layer as Picky };
    };

    it('adds layer, type, file and line, whether the error comes at once or later', async () => {
      const { net, picky } = await make();
      picky.fault = 'forward';
      expect(() => net.forward()).toThrow('net.prototxt:2: layer "p" (Picky): the label is 12');
      expect(() => net.backward()).toThrow('net.prototxt:2: layer "p" (Picky): has no gradient');
      picky.later = true;
      await expect(net.forward()).rejects.toThrow('net.prototxt:2: layer "p" (Picky): the label is 12');
      await expect(net.backward()).rejects.toThrow('net.prototxt:2: layer "p" (Picky): has no gradient');
      expect(net.forwardCount).toBe(0);
    });

    it('adds them to errors of reshape', async () => {
      const { net, picky } = await make();
      picky.fault = 'reshape';
      net.blob('x').reshape([7, 3]);
      const message = 'net.prototxt:2: layer "p" (Picky): cannot take this shape; use another';
      expect(() => net.forward()).toThrow(message);
      expect(() => net.reshape()).toThrow(message);
    });

    it('leaves the place of an error that has one', async () => {
      const { net, picky } = await make();
      picky.fault = 'forward';
      picky.file = 'list.txt';
      expect(() => net.forward()).toThrow('list.txt: layer "p" (Picky): the label is 12');
    });
  });

  it('says that a layer has no gradient where it has none', async () => {
    class OneWay extends Layer {
      static override readonly type = 'OneWay';

      reshape([bottom]: readonly Tensor[], [top]: readonly Tensor[]): void {
        top!.reshapeLike(bottom!);
      }

      forward(): void {}
    }
    const net = await tinyNet(
      `${data}${ip('')}layer { name: "a" type: "OneWay" bottom: "y" top: "z" loss_weight: 1 }`,
      { layers: [OneWay] },
    );
    net.forward();
    expect(() => net.backward()).toThrow(
      'layer "a" (OneWay): has no gradient, but one of its bottoms needs one; ' +
        'set propagate_down: false, or lr_mult: 0 on what feeds it',
    );
  });

  it('warns of two layers with one name', async () => {
    const warnings: string[] = [];
    await tinyNet(`${data}${ip('', 'y')}layer { name: "y_ip" type: "ReLU" bottom: "y" top: "z" }`, {
      onEvent: (event) => event.type === 'warning' && warnings.push(`${event.layer}: ${event.message}`),
    });
    expect(warnings).toEqual(['y_ip: another layer has the same name: weights go to the first']);
  });
});
