import { create, parseText } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { settingsOf } from './settings.ts';

const net = (text: string) => parseText('NetParameter', text);

it('has the defaults of the original', () => {
  const { param, on } = settingsOf(net('quantize: true'));
  expect(on).toBe(true);
  expect(param).toEqual(create('NetQuantizationParameter'));
  expect([param.bitwidthWeights, param.bitwidthActivations, param.bitwidthBias]).toEqual([12, 8, 16]);
  expect([param.rangeUpdateFactor, param.rangeExpansionFactor]).toEqual([Math.fround(0.01), 1.25]);
  expect([param.applyOffsetWeights, param.applyOffsetActivations, param.quantizationStart]).toEqual([true, false, 1]);
});

it.each([
  ['', false],
  ['quantize: false', false],
  ['net_quantization_param { bitwidth_weights: 0 }', false],
  ['quantize: true net_quantization_param { quantization_start: 0 }', false],
  ['quantize: true net_quantization_param { quantization_start: 3 }', true],
])('"%s" is on: %s', (text, on) => {
  expect(settingsOf(net(text)).on).toBe(on);
});

it('fields given go over those of the net, which stays as it was', () => {
  const param = net('net_quantization_param { bitwidth_weights: 6 bitwidth_bias: 9 }');
  const found = settingsOf(param, { bitwidthWeights: 5 });
  expect(found).toMatchObject({ on: true, param: { bitwidthWeights: 5, bitwidthBias: 9 } });
  expect(param.netQuantizationParam!.bitwidthWeights).toBe(6);
});

it.each([
  ['bitwidth_weights: 0', 'net_quantization_param.bitwidth_weights is 0; use 1 to 16 (up to 24 for a bias)'],
  ['bitwidth_activations: 40', 'net_quantization_param.bitwidth_activations is 40; use 1 to 16 (up to 24 for a bias)'],
  ['bitwidth_bias: 25', 'net_quantization_param.bitwidth_bias is 25; use 1 to 16 (up to 24 for a bias)'],
  ['range_update_factor: 1.5', 'net_quantization_param.range_update_factor is 1.5; use 0 to 1'],
  ['range_update_factor: -1', 'net_quantization_param.range_update_factor is -1; use 0 to 1'],
  ['range_expansion_factor: 0', 'net_quantization_param.range_expansion_factor is 0; use more than 0'],
  ['range_expansion_factor: nan', 'net_quantization_param.range_expansion_factor is NaN; use more than 0'],
])('refuses %s', (field, message) => {
  expect(() => settingsOf(net(`quantize: true net_quantization_param { ${field} }`))).toThrow(message);
});
