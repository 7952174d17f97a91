import {
  clone,
  create,
  type QuantizationParameter_QParams as QParams,
  type QuantizationParameter,
} from '@jacinto/proto';
import type { Estimate } from './estimate.ts';
import type { QuantizableLayer } from './quantizable-net.ts';
import type { ValueRange } from './range.ts';

/** What the plug-in keeps of a layer. */
export interface LayerState {
  /** The layer's quantization_param, once it has one. */
  param: QuantizationParameter | undefined;
  /** Ranges of bottoms, tops (moving averages) and blobs (as they are). */
  bottoms: ValueRange[];
  tops: ValueRange[];
  blobs: ValueRange[];
  /** What blobs were rounded by: later passes estimate anew, from what is rounded already. */
  rounded: (QParams | undefined)[];
  /** What the output channels of the weights were rounded by, where each has its own scale. */
  channels: Estimate[] | undefined;
}

export function layerState({ layer, bottoms, tops }: QuantizableLayer): LayerState {
  const given = layer.layerParam.quantizationParam;
  const zeros = (list: readonly unknown[]): ValueRange[] => list.map(() => ({ min: 0, max: 0 }));
  return {
    param: given === undefined ? undefined : clone(given),
    bottoms: zeros(bottoms),
    tops: zeros(tops),
    blobs: zeros(layer.blobs),
    rounded: [],
    channels: undefined,
  };
}

/** The layer's quantization_param with an entry for each bottom, blob and top; made where it is missing. */
export function wholeParam(state: LayerState): QuantizationParameter {
  state.param ??= create('QuantizationParameter');
  const { param } = state;
  param.qparamIn = filled(param.qparamIn, state.bottoms.length);
  param.qparamW = filled(param.qparamW, state.blobs.length);
  param.qparamOut = filled(param.qparamOut, state.tops.length);
  return param;
}

function filled(list: readonly QParams[], count: number): QParams[] {
  const whole = [...list];
  while (whole.length < count) whole.push(create('QuantizationParameter.QParams'));
  return whole;
}
