import { clone, create, has, type NetParameter, type NetQuantizationParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { checkBitwidth } from './bitwidth.ts';

/** Fields of net_quantization_param to set; the others keep the net's, or the schema's defaults. */
export type QuantizationFields = Partial<NetQuantizationParameter>;

export interface Settings {
  /** net_quantization_param with its defaults. */
  param: NetQuantizationParameter;
  /** `quantize: true` in the net (or fields given), and quantization_start above 0. */
  on: boolean;
}

/**
 * What a net asks for, with `fields` put over it (giving them turns quantization on).
 * @throws CaffeError 'bad-value' for bitwidths, factors and counts out of range.
 */
export function settingsOf(net: NetParameter, fields?: QuantizationFields): Settings {
  const own = net.netQuantizationParam;
  const param = Object.assign(own === undefined ? create('NetQuantizationParameter') : clone(own), fields);
  const quantize = fields !== undefined || (has(net, 'quantize') && net.quantize);
  if (quantize) checkSettings(param);
  return { param, on: quantize && param.quantizationStart > 0 };
}

/** @throws CaffeError 'bad-value' naming the field of net_quantization_param. */
export function checkSettings(param: NetQuantizationParameter): void {
  const at = (field: string): string => `net_quantization_param.${field}`;
  checkBitwidth(at('bitwidth_weights'), param.bitwidthWeights);
  checkBitwidth(at('bitwidth_activations'), param.bitwidthActivations);
  checkBitwidth(at('bitwidth_bias'), param.bitwidthBias);
  checkNumber(at('range_update_factor'), param.rangeUpdateFactor, param.rangeUpdateFactor <= 1, 'use 0 to 1');
  checkNumber(
    at('range_expansion_factor'),
    param.rangeExpansionFactor,
    param.rangeExpansionFactor > 0,
    'use more than 0',
  );
}

function checkNumber(field: string, value: number, fits: boolean, fix: string): void {
  if (Number.isFinite(value) && value >= 0 && fits) return;
  throw new CaffeError({ code: 'bad-value', field, problem: `is ${value}`, fix });
}
