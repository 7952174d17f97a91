import { expect, it } from 'vitest';
import { create, doubleText, floatText, printText } from '../index.ts';

it('prints in number order, two spaces a level, enums by name, strings escaped', () => {
  const text = printText('NetParameter', {
    layer: [{ top: ['a', 'b'], name: 'it\'s "é"\n', type: 'Pooling', poolingParam: { pool: 1, globalPooling: true } }],
    name: 'n',
    inputDim: [1, -2],
  });
  expect(text).toBe(`name: "n"
input_dim: 1
input_dim: -2
layer {
  name: "it\\'s \\"\\303\\251\\"\\n"
  type: "Pooling"
  top: "a"
  top: "b"
  pooling_param {
    pool: AVE
    global_pooling: true
  }
}
`);
});

it('prints an empty message as nothing, an empty nested one as braces', () => {
  expect(printText('NetParameter', {})).toBe('');
  expect(printText('LayerParameter', create('LayerParameter', { reluParam: {} }))).toBe('relu_param {\n}\n');
});

// the right-hand sides are what protoc prints
it.each([
  [0.1, '0.1'],
  [1e-5, '1e-05'],
  [123456, '123456'],
  [1234567, '1234567'],
  [1e6, '1e+06'],
  [1e15, '1e+15'],
  [0.0001, '0.0001'],
  [1 / 3, '0.333333343'],
  [16777216, '16777216'],
  [1775328.125, '1775328.12'],
  [1775328.375, '1775328.38'],
  [-0, '-0'],
  [3.4028234663852886e38, '3.40282347e+38'],
  [1e-40, '9.9999461e-41'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
  [Number.NaN, 'nan'],
  [100, '100'],
])('prints the float %d as %s', (value, text) => {
  expect(floatText(value)).toBe(text);
});

it.each([
  [0.1, '0.1'],
  [1 / 3, '0.33333333333333331'],
  [1e300, '1e+300'],
  [123456789012, '123456789012'],
])('prints the double %d as %s', (value, text) => {
  expect(doubleText(value)).toBe(text);
});
