import { nearest } from '../errors/index.ts';
import {
  type NetParameter,
  type V0LayerParameter,
  V1LayerParameter as V1,
  type V1LayerParameter,
} from '../generated/messages.ts';
import { carryLocation, locationOf, setFieldLocation } from '../messages/location.ts';
import { create, has, presentFields } from '../messages/message.ts';
import { type AnyMessage, typeOf } from '../messages/message-type.ts';
import type { UpgradeLog } from './note.ts';
import { v0Moves } from './v0-moves.ts';
import { removeV0Padding } from './v0-padding.ts';

const { LayerType } = V1;
const types: Readonly<Record<string, number>> = {
  accuracy: LayerType.ACCURACY,
  bnll: LayerType.BNLL,
  concat: LayerType.CONCAT,
  conv: LayerType.CONVOLUTION,
  data: LayerType.DATA,
  dropout: LayerType.DROPOUT,
  euclidean_loss: LayerType.EUCLIDEAN_LOSS,
  flatten: LayerType.FLATTEN,
  hdf5_data: LayerType.HDF5_DATA,
  hdf5_output: LayerType.HDF5_OUTPUT,
  im2col: LayerType.IM2COL,
  images: LayerType.IMAGE_DATA,
  infogain_loss: LayerType.INFOGAIN_LOSS,
  innerproduct: LayerType.INNER_PRODUCT,
  lrn: LayerType.LRN,
  multinomial_logistic_loss: LayerType.MULTINOMIAL_LOGISTIC_LOSS,
  pool: LayerType.POOLING,
  relu: LayerType.RELU,
  sigmoid: LayerType.SIGMOID,
  softmax: LayerType.SOFTMAX,
  softmax_loss: LayerType.SOFTMAX_LOSS,
  split: LayerType.SPLIT,
  tanh: LayerType.TANH,
  window_data: LayerType.WINDOW_DATA,
};

/** Net fields that a V0 net may have; Caffe drops all others. */
const netFields = new Set(['name', 'layers', 'input', 'inputDim', 'forceBackward']);

/** V0 → V1: layers given as `layers { layer { type: "conv" … } bottom … }` (Caffe: UpgradeV0Net). */
export function upgradeV0Layers(net: NetParameter, log: UpgradeLog): void {
  if (!net.layers.some((layer) => layer.layer !== undefined)) return;
  removeV0Padding(net, log);
  net.layers = net.layers.map((layer) => (layer.layer === undefined ? layer : upgraded(layer, layer.layer, log)));
  for (const [field] of [...presentFields(net)]) {
    if (netFields.has(field.camelName)) continue;
    Reflect.deleteProperty(net, field.camelName);
    log.dropped(`${field.name} has no meaning in a V0 net and was dropped`);
  }
  log.applied('V0 layers became V1 layers');
}

function upgraded(connection: V1LayerParameter, v0: V0LayerParameter, log: UpgradeLog): V1LayerParameter {
  const layer = create('V1LayerParameter', { bottom: connection.bottom, top: connection.top });
  carryLocation(connection, layer);
  for (const [field, value] of presentFields(v0)) {
    if (field.camelName === 'type') layer.type = typeOfV0(value as string, v0, log);
    else if (has(v0, field.camelName)) moveField(v0, field.camelName, field.name, value, layer, log);
  }
  return layer;
}

function typeOfV0(type: string, v0: V0LayerParameter, log: UpgradeLog): number {
  if (Object.hasOwn(types, type)) return types[type]!;
  const near = nearest(type, Object.keys(types));
  const problem = `"${type}" is no layer type of V0`;
  const fix = near === undefined ? `use one of ${Object.keys(types).join(', ')}` : `did you mean "${near}"?`;
  throw log.fail(v0, { code: 'unknown-name', layer: v0.name, field: 'type', problem, fix }, 'type');
}

function moveField(
  v0: V0LayerParameter,
  key: string,
  name: string,
  value: unknown,
  layer: V1LayerParameter,
  log: UpgradeLog,
): void {
  const type = v0.type ?? '';
  const path = v0Moves(key, type);
  if (path === undefined) {
    log.dropped(`layer "${v0.name ?? ''}": ${name} has no meaning for a layer of type "${type}" and was dropped`);
    return;
  }
  let target = layer as unknown as AnyMessage;
  for (const step of path.slice(0, -1)) {
    const { message } = typeOf(target).byCamelName.get(step)!;
    if (!has(target, step)) target[step] = new message!.construct();
    target = target[step] as AnyMessage;
    carryLocation(v0.name === undefined ? layer : v0, target);
  }
  const last = path.at(-1)!;
  const { label } = typeOf(target).byCamelName.get(last)!;
  if (label !== 'repeated' || Array.isArray(value)) target[last] = value;
  else (target[last] as unknown[]).push(value);
  const at = locationOf(v0, key);
  if (at !== undefined && locationOf(target) !== undefined) setFieldLocation(target, last, at);
}
