import { create, makeBlob, readNet } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { formatG } from './format-g.ts';
import {
  convolutionsOf,
  makeSparse,
  maskFromText,
  maskOf,
  maskText,
  sparsityPicture,
  sparsityTable,
  tableLines,
  withConvolutions,
} from './index.ts';

describe('formatG prints as C++ streams do', () => {
  it.each([
    [0.3949, 3, '0.395'],
    [0.7, 3, '0.7'],
    [0.01234, 3, '0.0123'],
    [1, 3, '1'],
    [0.3125, 3, '0.312'],
    [0.4375, 3, '0.438'],
    [0.9996, 3, '1'],
    [0.00001234, 3, '1.23e-05'],
    [1896370, 6, '1.89637e+06'],
    [2354784, 6, '2.35478e+06'],
    [27520, 6, '27520'],
    [999999.5, 6, '1e+06'],
    [123456.5, 6, '123456'],
    [-0.5, 6, '-0.5'],
    [0, 6, '0'],
    [Number.NaN, 6, 'nan'],
    [Infinity, 6, 'inf'],
  ])('%d to %d digits', (value, digits, text) => {
    expect(formatG(value, digits)).toBe(text);
  });
});

const text = `
  layer { name: "b" type: "Convolution" bottom: "x" top: "b" param { name: "shared" } convolution_param { num_output: 1 kernel_size: 1 } }
  layer { name: "a" type: "Convolution" bottom: "b" top: "a" convolution_param { num_output: 1 kernel_size: 1 } }
  layer { name: "z" type: "Convolution" bottom: "a" top: "z" convolution_param { num_output: 1 kernel_size: 1 } }
  layer { name: "p" type: "Softmax" bottom: "z" top: "p" }
  layer { name: "loss" type: "SoftmaxWithLoss" bottom: "z" bottom: "x" top: "l" include { phase: TRAIN } }`;

function net(source = text, blobs = makeBlob([1, 2, 1, 1], [0, 3])) {
  const read = readNet(source);
  for (const layer of read.layer) if (layer.type === 'Convolution') layer.blobs = [blobs, makeBlob([1], [0])];
  return read;
}

describe('tables', () => {
  it('are sorted by name, without the convolution right before a softmax', () => {
    const table = sparsityTable(convolutionsOf(net()));
    expect(tableLines(table)).toEqual([
      'Num Params(2), Sparsity (zero_weights/count): ',
      'a_param_0(0.5) ',
      'b_param_shared(0.5) ',
      'Total Sparsity (zero_weights/count) =  (2/4) 0.5',
    ]);
    expect(sparsityTable([]).sparsity).toBeNaN();
  });

  it('a Split between a convolution and the softmax lets it count', () => {
    const twice = `${text} layer { name: "acc" type: "ArgMax" bottom: "z" top: "m" }`;
    expect(sparsityTable(convolutionsOf(net(twice))).rows.length).toBe(3);
  });

  it('masks that are not there count as full', () => {
    const convolutions = convolutionsOf(net());
    const table = sparsityTable(convolutions, new Map([['a', Uint8Array.of(0, 0)]]));
    expect(tableLines(table)[3]).toBe('Total ConnectivitySparsity (zero_weights/count) =  (2/4) 0.5');
  });

  it('as a picture: well-formed, names escaped', () => {
    const svg = sparsityPicture(sparsityTable(convolutionsOf(net(text.replace('name: "a"', 'name: "a<1>"')))), 'x & y');
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"[\s\S]*<\/svg>\n$/);
    expect(svg).toContain('a&lt;1&gt;');
    expect(svg).toContain('x &amp; y');
    expect(svg).toContain('0.5 of 4 (2 zeros)');
    const widthFor = (name: string) => {
      const table = sparsityTable(convolutionsOf(net(text.replace('name: "a"', `name: "${name}"`))));
      return Number(/width="(\d+)"/.exec(sparsityPicture(table))![1]);
    };
    // names and numbers have room
    expect(widthFor('a'.repeat(80))).toBeGreaterThan(widthFor('a') + 300);
  });
});

describe('masks', () => {
  it('survive as text', () => {
    for (const length of [0, 1, 7, 8, 9, 40000]) {
      const mask = maskOf(Float32Array.from({ length }, (_, i) => (i * 7919) % 3));
      expect(Buffer.compare(maskFromText(maskText(mask), length), mask)).toBe(0);
    }
    expect(() => maskFromText('!', 8)).toThrow('the saved mask is not one of 8 weights');
  });
});

describe('models', () => {
  it('weights go back in their own form', () => {
    const half = makeBlob([1, 2, 1, 1], [0.5, 3], { type: 'FLOAT16' });
    const model = net(text, half);
    const convolutions = convolutionsOf(model);
    convolutions[0]!.values[0] = 0;
    const written = withConvolutions(model, convolutions);
    expect([...convolutionsOf(written)[0]!.values]).toEqual([0, 3]);
    expect(written.layer[0]!.blobs[0]!.rawDataType).toBe(half.rawDataType);
    expect([...convolutionsOf(model)[0]!.values]).toEqual([0.5, 3]);
    expect(written.layer[3]).toBe(model.layer[3]);
  });

  it('faults name layer and blob', () => {
    expect(() => convolutionsOf(net(), create('NetParameter'))).toThrow(
      'layer "b" (Convolution): has no blobs in the weights; use the weights that were made with this net',
    );
    expect(() => convolutionsOf(net(text, makeBlob([2, 1], [1, 2])))).toThrow(
      'layer "b" (Convolution): blob 0 has the shape 2 × 1, but num_output is 1; use the weights that were made with this net',
    );
    const taps = (kernel: string) =>
      text.replace('num_output: 1 kernel_size: 1', `num_output: 1 ${kernel}`).split('\n').slice(0, 2).join('\n');
    const blob = makeBlob([1, 1, 3, 2], [1, 2, 3, 4, 5, 6]);
    expect(() => convolutionsOf(net(taps('kernel_size: 3'), blob))).toThrow(
      'layer "b" (Convolution): blob 0 has the shape 1 × 1 × 3 × 2, but the kernel is 3 × 3; use the weights that were made with this net',
    );
    expect(() => convolutionsOf(net(taps('kernel_h: 2 kernel_w: 3'), blob))).toThrow('but the kernel is 2 × 3; use');
    for (const fits of ['kernel_h: 3 kernel_w: 2', 'kernel_size: [3, 2]'])
      expect(convolutionsOf(net(taps(fits), blob))).toHaveLength(1);
    expect(() => convolutionsOf(net(text, makeBlob([1, 1], [Number.NaN])))).toThrow(
      'layer "b" (Convolution): blob 0 holds NaN at 0; the training had diverged; use weights of an earlier snapshot',
    );
    expect(() => makeSparse(convolutionsOf(net()), 0.5)).toThrow(
      'no Convolution layer of the net can be made sparse; layers need 32 inputs or outputs, a kernel of 3 × 3 or more, fewer groups than outputs, and not to be excluded',
    );
    expect(() => makeSparse([], 0.5)).toThrow('the net has no Convolution layer; layers need');
    expect(() => makeSparse([], -1)).toThrow('target is -1; use 0 to 1');
  });
});
