import { type BlobProto, blobShape, blobValues, create, hasValues, makeBlob, type NetParameter } from '@jacinto/proto';
import { addingFacts } from '@jacinto/proto/errors';
import { estimateGuarded } from '../estimate.ts';
import { hasWeights } from '../layer-types.ts';
import { rangeOf } from '../range.ts';
import { checkSettings, type QuantizationFields } from '../settings.ts';
import { type Rounding, trim } from '../trim.ts';
import { badWeights } from '../update-ranges.ts';
import { addSignalNoise, decibels, noSignal } from './signal-noise.ts';

/** One quantized blob of a caffemodel. */
export interface WeightReport {
  layer: string;
  type: string;
  /** 0 the weights, 1 the bias. */
  blob: number;
  count: number;
  bitwidth: number;
  min: number;
  max: number;
  scale: number;
  offset: number;
  /** Signal-to-noise ratio in dB. */
  snr: number;
}

export interface QuantizeWeightsOptions {
  /** Fields of net_quantization_param that speak of weights; others have the schema's defaults. */
  settings?: QuantizationFields;
  /** Default 'gpu'. */
  rounding?: Rounding;
}

/**
 * Quantizes the weights and biases of a caffemodel without running it: Convolution, InnerProduct and Deconvolution, as
 * a quantized net would. The message given stays as it is; the one returned shares what was not quantized.
 * @throws CaffeError naming layer and blob where weights are NaN or infinite, or for bitwidths out of range.
 */
export function quantizeWeights(
  net: NetParameter,
  { settings = {}, rounding }: QuantizeWeightsOptions = {},
): { net: NetParameter; blobs: WeightReport[] } {
  const param = Object.assign(create('NetQuantizationParameter'), settings);
  checkSettings(param);
  const blobs: WeightReport[] = [];
  const quantized = Object.assign(create('NetParameter'), net);
  quantized.layer = net.layer.map((layer) => {
    const { name = '', type = '' } = layer;
    if (!hasWeights(type) || layer.blobs.length === 0 || param.ignoredLayerNames.includes(name)) return layer;
    const copy = Object.assign(create('LayerParameter'), layer);
    copy.blobs = layer.blobs.map((proto, blob) => {
      const place = { layer: name, layerType: type, field: `blob ${blob}` };
      if (!hasValues(proto)) return proto;
      const values = addingFacts(place, () => Float32Array.from(blobValues(proto)));
      const { min, max, notFinite } = rangeOf(values);
      if (notFinite > 0) throw badWeights({ name, type }, blob, notFinite, values.length);
      const bitwidth = blob > 0 ? param.bitwidthBias : param.bitwidthWeights;
      const q = estimateGuarded({
        ...{ min, max, bitwidth, power2: param.power2ScaleWeights },
        ...{ unsigned: min >= 0, applyOffset: param.applyOffsetWeights },
      });
      const exact = values.slice();
      const unsigned = q.unsignedQuant;
      trim(values, { scale: q.scaleTarget, offset: q.offset, bitwidth, unsigned, clip: blob === 0, rounding });
      const sum = noSignal();
      addSignalNoise(sum, exact, values);
      const scales = { bitwidth, min, max, scale: q.scaleTarget, offset: q.offset, snr: decibels(sum) };
      blobs.push({ layer: name, type, blob, count: values.length, ...scales });
      return withValues(proto, values);
    });
    return copy;
  });
  return { net: quantized, blobs };
}

const withValues = (proto: BlobProto, values: Float32Array): BlobProto => makeBlob(blobShape(proto), values);
