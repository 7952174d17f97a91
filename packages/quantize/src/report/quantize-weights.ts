import { type BlobProto, blobShape, blobValues, create, hasValues, makeBlob, type NetParameter } from '@jacinto/proto';
import { addingFacts } from '@jacinto/proto/errors';
import {
  type ChannelLayout,
  channelLayout,
  meanScale,
  type TrimByChannelOptions,
  trimByChannel,
} from '../channel-weights.ts';
import { estimateGuarded } from '../estimate.ts';
import { hasWeights } from '../layer-types.ts';
import { rangeOf, type ValueRange } from '../range.ts';
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
  /** Output channels with scales of their own, whose mean `scale` is; undefined: one scale. */
  channels?: number;
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
  /** Whether the weights of each output channel have a scale of their own; default false. */
  byChannel?: boolean;
}

/**
 * Quantizes the weights and biases of a caffemodel without running it: Convolution, InnerProduct and Deconvolution, as
 * a quantized net would. The message given stays as it is; the one returned shares what was not quantized.
 * @throws CaffeError naming layer and blob where weights are NaN or infinite, or for bitwidths out of range.
 */
export function quantizeWeights(
  net: NetParameter,
  { settings = {}, rounding, byChannel = false }: QuantizeWeightsOptions = {},
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
      const { power2ScaleWeights: power2, applyOffsetWeights: applyOffset } = param;
      const options = { bitwidth, power2, applyOffset, rounding };
      const exact = values.slice();
      const layout = byChannel && blob === 0 ? channelLayout(type, layer, blobShape(proto)) : undefined;
      const scaling =
        layout === undefined
          ? roundAll(values, { ...options, min, max, clip: blob === 0 })
          : roundChannels(values, layout, options);
      const sum = noSignal();
      addSignalNoise(sum, exact, values);
      blobs.push({ layer: name, type, blob, count: values.length, bitwidth, min, max, ...scaling, snr: decibels(sum) });
      return withValues(proto, values);
    });
    return copy;
  });
  return { net: quantized, blobs };
}

type Scaling = Pick<WeightReport, 'channels' | 'scale' | 'offset'>;

/** Rounds all values by one scale, in place. */
function roundAll(
  values: Float32Array,
  { min, max, clip, ...options }: TrimByChannelOptions & ValueRange & { clip: boolean },
): Scaling {
  const { scaleTarget: scale, offset, unsignedQuant } = estimateGuarded({ ...options, min, max, unsigned: min >= 0 });
  trim(values, { ...options, scale, offset, unsigned: unsignedQuant, clip });
  return { scale, offset };
}

/** Rounds each channel by its own scale, in place. */
function roundChannels(values: Float32Array, layout: ChannelLayout, options: TrimByChannelOptions): Scaling {
  const each = trimByChannel(values, layout, options);
  return { channels: each.length, ...meanScale(each) };
}

const withValues = (proto: BlobProto, values: Float32Array): BlobProto => makeBlob(blobShape(proto), values);
