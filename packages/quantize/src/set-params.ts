import {
  has,
  type NetQuantizationParameter,
  type QuantizationParameter_QParams as QParams,
  QuantizationParameter_Rounding as Rounding,
} from '@jacinto/proto';
import { type EstimateOptions, estimate, estimateGuarded } from './estimate.ts';
import { type LayerState, wholeParam } from './layer-state.ts';
import { hasWeights } from './layer-types.ts';
import { previousOf } from './neighbours.ts';
import type { QuantizableLayer } from './quantizable-net.ts';

const { fround } = Math;

export interface SetParamsOptions {
  settings: NetQuantizationParameter;
  /** Whether the net trains: rounding is then stochastic. */
  training: boolean;
  /** Passes since quantization_start. */
  count: number;
  /** Whether empty ranges give infinities and NaN, as in the original; default false. */
  unguarded?: boolean;
}

/** Writes scales and offsets for the present ranges into all layers (caffe-jacinto 0.17: SetQuantizationParams). */
export function setParams(
  layers: readonly QuantizableLayer[],
  states: readonly LayerState[],
  { settings, training, count, unguarded = false }: SetParamsOptions,
): void {
  const scaled = unguarded ? estimate : estimateGuarded;
  const set = (q: QParams, options: EstimateOptions): void => {
    const applied = has(q, 'scaleApplied') ? { scaleApplied: q.scaleApplied } : {};
    Object.assign(q, scaled({ ...options, ...applied }));
  };
  for (const [i, layer] of layers.entries()) {
    const state = states[i]!;
    const param = wholeParam(state);
    param.precision = settings.precision;
    param.roundingScheme = training ? Rounding.QuantizationParameter_Rounding_STOCHASTIC : settings.roundingScheme;
    param.power2ScaleWeights = settings.power2ScaleWeights;
    param.power2ScaleActivations = settings.power2ScaleActivations;
    param.quantizedInferCount = count;
    setWeights(layer.type, state, settings, set);
    setInputs(layers, states, i, settings, set);
    setOutputs(layer.type, state, settings, set);
  }
}

type Set = (q: QParams, options: EstimateOptions) => void;

function setWeights(type: string, { param, blobs }: LayerState, settings: NetQuantizationParameter, set: Set): void {
  for (const [b, range] of blobs.entries()) {
    set(param!.qparamW[b]!, {
      ...range,
      bitwidth: type === 'BatchNorm' || b > 0 ? settings.bitwidthBias : settings.bitwidthWeights,
      power2: settings.power2ScaleWeights,
      unsigned: range.min >= 0,
      applyOffset: settings.applyOffsetWeights,
    });
  }
}

function setInputs(
  layers: readonly QuantizableLayer[],
  states: readonly LayerState[],
  index: number,
  settings: NetQuantizationParameter,
  set: Set,
): void {
  const { param, bottoms } = states[index]!;
  for (const [b, range] of bottoms.entries()) {
    const q = param!.qparamIn[b]!;
    const from = previousOf(layers, index, b);
    const blob = layers[index]!.bottoms[b]!;
    const made = from < 0 ? undefined : states[from]!.param!.qparamOut[layers[from]!.tops.indexOf(blob)];
    if (made !== undefined && has(made, 'scaleApplied')) q.scaleApplied = made.scaleApplied;
    set(q, { ...range, ...activations(settings), unsigned: range.min >= 0 });
    if (q.quantize) q.scaleApplied = q.scaleTarget;
  }
}

function setOutputs(type: string, { param, tops }: LayerState, settings: NetQuantizationParameter, set: Set): void {
  const { qparamIn, qparamW, qparamOut } = param!;
  const conv = hasWeights(type) && qparamW.length > 0;
  let input = qparamIn.length === 0 ? 1 : -1;
  for (const { scaleApplied } of qparamIn) input = Math.max(input, scaleApplied);
  for (const [t, range] of tops.entries()) {
    const q = qparamOut[t]!;
    if (conv) q.scaleApplied = fround(input * qparamW[0]!.scaleTarget);
    set(q, { ...range, ...activations(settings), unsigned: range.min >= 0 });
    if (conv && t > 0) q.scaleTarget = fround(qparamOut[0]!.scaleTarget * qparamW[0]!.scaleTarget);
    if (q.quantize) q.scaleApplied = q.scaleTarget;
  }
}

const activations = (
  settings: NetQuantizationParameter,
): Pick<EstimateOptions, 'bitwidth' | 'power2' | 'applyOffset'> => ({
  bitwidth: settings.bitwidthActivations,
  power2: settings.power2ScaleActivations,
  applyOffset: settings.applyOffsetActivations,
});
