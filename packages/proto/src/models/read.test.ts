import { expect, it } from 'vitest';
import { readNet, readSolver } from './read.ts';

const old = 'quantize: true net_quantization_param { power2_range: true precision: DYNAMIC_FIXED_POINT }';

it('reads the quantization fields of caffe-jacinto 0.16, and says what 0.17 does otherwise', () => {
  const notes: string[] = [];
  const { netQuantizationParam } = readNet(`${old}\nlayer { name: "x" type: "ReLU" }`, {
    onUpgrade: (result) => notes.push(...result.notes),
  });
  expect(netQuantizationParam).toMatchObject({ power2ScaleWeights: true, power2ScaleActivations: true, precision: 1 });
  expect(notes[0]).toMatch(/^quantization fields of caffe-jacinto 0\.16: range averaging/);
});

it('in a net inside a solver too', () => {
  const { netParam } = readSolver(`net_param { ${old} }`);
  expect(netParam!.netQuantizationParam!.power2ScaleWeights).toBe(true);
});
