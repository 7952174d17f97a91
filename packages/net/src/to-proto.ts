import { clone, create, has, makeBlob, type NetParameter } from '@jacinto/proto';
import type { NetLayer } from './net-layer.ts';

export interface ToProtoOptions {
  /** Whether gradients are saved too; default false. */
  diff?: boolean;
  /** 'nv' (default): values as raw bytes. 'bvlc': as float lists, which every Caffe reads. */
  format?: 'nv' | 'bvlc';
}

/** Marks the text form of a quantized net, whose quantization fields stand at the end (Caffe's own wording). */
const quantizedSuffix = '___QUANTIZED__SEE_END_OFTHE_FILE';

/** The net's message with weights (Caffe: Net::ToProto): name, quantization fields, and every layer as it now is. */
export function toProto(
  param: NetParameter,
  layers: readonly NetLayer[],
  { diff = false, format = 'nv' }: ToProtoOptions = {},
): NetParameter {
  const message = create('NetParameter');
  if (has(param, 'name')) message.name = param.name;
  if (has(param, 'quantize')) {
    message.name = `${(param.name ?? '').replace(quantizedSuffix, '')}${quantizedSuffix}`;
    message.quantize = param.quantize;
  }
  if (has(param, 'netQuantizationParam')) message.netQuantizationParam = clone(param.netQuantizationParam!);
  message.layer = layers.map(({ layer }) => {
    const saved = clone(layer.layerParam);
    saved.blobs = layer.blobs.map(({ shape, data, diff: gradient }) => {
      // Copies: the message must not change when training goes on.
      const values = data.hostRead().slice();
      return makeBlob(shape, values, { format, diff: diff ? gradient.hostRead().slice() : undefined });
    });
    return saved;
  });
  return message;
}
