import { parseText } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { convertDialect016 } from './quantization-016.ts';

const old = `name: "net { power2_range: true }" # power2_range: true
quantize: true
net_quantization_param {
  quantization_start: 2 precision: DYNAMIC_FIXED_POINT rounding_scheme: QuantizationParameter_Rounding_NEAREST
  bitwidth_activations: 7 bitwidth_weights: 9
  insert_quantization_param: false
  power2_range: true
}
layer { name: "c" type: "Convolution" bottom: "x" top: "c"
  transform_param { scale: 0.5 }
  quantization_param {
    precision: FLOAT power2_range: false
    qparam_in: < quantize: true bitwidth: 8 scale: 4 >
    qparam_w { quantize: true scale: 64 offset: 1 }
    qparam_out { scale: 2 fracbits: 3 }
  }
}`;

it('reads the fields of 0.16', () => {
  const { text, changed, notes } = convertDialect016(old);
  const net = parseText('NetParameter', text);
  expect(changed).toBe(true);
  expect(notes.join('\n')).toContain('biases are quantized too');
  expect(net.name).toBe('net { power2_range: true }');
  expect(net.netQuantizationParam).toEqual(
    parseText(
      'NetQuantizationParameter',
      `quantization_start: 2 precision: QuantizationParameter_Precision_DYNAMIC_FIXED_POINT
       rounding_scheme: QuantizationParameter_Rounding_NEAREST bitwidth_activations: 7 bitwidth_weights: 9
       update_quantization_param: false power2_scale_weights: true power2_scale_activations: true
       range_update_factor: 0.1 range_expansion_factor: 1.0`,
    ),
  );
  const [layer] = net.layer;
  expect(layer!.transformParam!.scale).toBe(0.5);
  expect(layer!.quantizationParam).toEqual(
    parseText(
      'QuantizationParameter',
      `precision: QuantizationParameter_Precision_FLOAT power2_scale_weights: false power2_scale_activations: false
       qparam_in { quantize: true bitwidth: 8 scale_target: 4 } qparam_w { quantize: true scale_target: 64 offset: 1 }
       qparam_out { scale_target: 2 fracbits: 3 }`,
    ),
  );
  expect(text.split('\n')).toHaveLength(old.split('\n').length);
});

it('without power2 the expansion is 1.2', () => {
  const { text } = convertDialect016('net_quantization_param { insert_quantization_param: true }');
  const net = parseText('NetParameter', text).netQuantizationParam!;
  expect([net.rangeUpdateFactor, net.rangeExpansionFactor]).toEqual([0.1, 1.2].map(Math.fround));
});

it('leaves all else as it is', () => {
  const text = `quantize: true net_quantization_param { bitwidth_weights: 8 } # power2_range: true
layer { name: "scale: 3" transform_param { scale: 2 } quantization_param { qparam_w { scale_target: 3 } } }`;
  expect(convertDialect016(text)).toEqual({ text, changed: false, notes: [] });
});

it('writes short enum names in full, in 0.17 too', () => {
  const { text, notes } = convertDialect016('net_quantization_param { precision: FLOAT rounding_scheme: STOCHASTIC }');
  expect(parseText('NetParameter', text).netQuantizationParam).toMatchObject({ precision: 0, roundingScheme: 1 });
  expect(notes).toEqual([]);
});

it.each(['', 'layer {', 'net_quantization_param { power2_range:', '} }', 'quantization_param { qparam_w'])(
  'survives "%s"',
  (text) => {
    expect(convertDialect016(text).text).toBe(text);
  },
);
