import { expect, it } from 'vitest';
import { clone, locationOf, parseText, readNet } from '../index.ts';

it('finds messages and fields parsed from text', () => {
  const text = 'name: "n"\nlayer {\n  name: "p"\n  pooling_param {\n    kernel_size: 3 }\n}';
  const net = parseText('NetParameter', text, { file: 'a.prototxt' });
  const pooling = net.layer[0]!.poolingParam!;
  expect(locationOf(net.layer[0]!)).toEqual({ file: 'a.prototxt', line: 2, column: 1 });
  expect(locationOf(pooling, 'kernelSize')).toEqual({ file: 'a.prototxt', line: 5, column: 5 });
  expect(locationOf(pooling, 'stride')).toBeUndefined();
  expect(locationOf(clone(pooling), 'kernelSize')).toEqual(locationOf(pooling, 'kernelSize'));
  expect(locationOf({})).toBeUndefined();
});

it('survives the upgrade of V1 and V0 layers', () => {
  const v1 = readNet('layers {\n name: "c" type: CONVOLUTION\n convolution_param { num_output: 3 } }', { file: 'v1' });
  expect(locationOf(v1.layer[0]!, 'name')).toEqual({ file: 'v1', line: 2, column: 2 });
  expect(locationOf(v1.layer[0]!.convolutionParam!, 'numOutput')?.line).toBe(3);
  const v0 = readNet('input: "d"\nlayers {\n layer { name: "c" type: "conv"\n kernelsize: 3 } bottom: "d" }');
  expect(locationOf(v0.layer[0]!)?.line).toBe(2);
  expect(locationOf(v0.layer[0]!.convolutionParam!, 'kernelSize')).toEqual({ file: undefined, line: 4, column: 2 });
});
