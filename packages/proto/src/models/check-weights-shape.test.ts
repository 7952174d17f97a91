import { expect, it } from 'vitest';
import { checkWeightsShape } from './check-weights-shape.ts';
import { readNet } from './read.ts';

const layerOf = (text: string) => readNet(`layer { name: "a" ${text} }`).layer[0]!;
const conv = (param: string, type = 'Convolution') => `type: "${type}" convolution_param { ${param} }`;
const product = (param: string) => `type: "InnerProduct" inner_product_param { ${param} }`;

it.each([
  [conv('num_output: 4 kernel_size: 3'), [4, 2, 3, 3]],
  [conv('num_output: 4 kernel_h: 3 kernel_w: 5 group: 2'), [4, 2, 3, 5]],
  [conv('num_output: 4 kernel_size: [3, 5]'), [4, 2, 3, 5]],
  [conv('num_output: 4 kernel_size: 3'), [4, 2, 3, 3, 3]],
  [conv(''), [4, 2, 3, 3]],
  [conv('num_output: 6 group: 2 kernel_size: 4', 'Deconvolution'), [4, 3, 4, 4]],
  [product('num_output: 5'), [5, 7]],
  [product('num_output: 5 transpose: true'), [7, 5]],
  [product('num_output: 5'), [1, 1, 5, 7]],
  ['type: "BatchNorm"', [9]],
])('%s takes %j', (text, shape) => {
  expect(() => checkWeightsShape(layerOf(text), shape)).not.toThrow();
});

it.each([
  [conv('num_output: 4 kernel_size: 3'), [3, 2, 3, 3], 'num_output is 4'],
  [conv('num_output: 4 kernel_size: 5'), [4, 2, 3, 3], 'the kernel is 5 × 5'],
  [conv('num_output: 4 kernel_h: 5 kernel_w: 3'), [4, 2, 3, 5], 'the kernel is 5 × 3'],
  [conv('num_output: 6 kernel_size: 4', 'Deconvolution'), [4, 3, 4, 4], 'num_output is 6'],
  [product('num_output: 5'), [7, 5], 'num_output is 5'],
])('%s refuses %j', (text, shape, problem) => {
  const type = /type: "(\w+)"/.exec(text)![1];
  expect(() => checkWeightsShape(layerOf(text), shape)).toThrow(
    `layer "a" (${type}): blob 0 has the shape ${shape.join(' × ')}, but ${problem}; use the weights that were made with this net`,
  );
});
