import {
  type LayerParameter,
  type NetParameter,
  V1LayerParameter as V1,
  type V1LayerParameter,
} from '../generated/messages.ts';
import { carryLocation } from '../messages/location.ts';
import { create, has, presentFields } from '../messages/message.ts';
import type { AnyMessage } from '../messages/message-type.ts';
import { unknownFieldsOf } from '../messages/unknown-fields.ts';
import type { UpgradeLog } from './note.ts';

/** V2 names of the V1 types that are not the enum's name in CamelCase. */
const odd: Readonly<Record<string, string>> = {
  NONE: '',
  ABSVAL: 'AbsVal',
  ARGMAX: 'ArgMax',
  BNLL: 'BNLL',
  HDF5_DATA: 'HDF5Data',
  HDF5_OUTPUT: 'HDF5Output',
  IM2COL: 'Im2col',
  LRN: 'LRN',
  MVN: 'MVN',
  RELU: 'ReLU',
  SOFTMAX_LOSS: 'SoftmaxWithLoss',
  TANH: 'TanH',
};

const camelCase = (name: string): string =>
  name.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const typeNames = new Map<number, string>(
  Object.entries(V1.LayerType).map(([name, number]) => [number, odd[name] ?? camelCase(name)]),
);

/** The V2 type of a V1 layer type: `SOFTMAX_LOSS` → `SoftmaxWithLoss`. */
export function v2TypeName(type: number): string | undefined {
  return typeNames.get(type);
}

/** V1 → V2: `layers { type: CONVOLUTION blobs_lr: 1 … }` becomes `layer { type: "Convolution" param { lr_mult: 1 } … }`. */
export function upgradeV1Layers(net: NetParameter, log: UpgradeLog): void {
  if (!has(net, 'layers')) return;
  if (has(net, 'layer')) {
    const problem = `is mixed: ${net.layers.length} old "layers" and ${net.layer.length} new "layer" entries`;
    throw log.fail(
      net,
      { code: 'bad-value', field: 'layers', problem, fix: 'use one of the two for all layers' },
      'layers',
    );
  }
  net.layer = net.layers.map((layer) => upgraded(layer, log));
  Reflect.deleteProperty(net, 'layers');
  log.applied('V1 layers became V2 layers');
}

function upgraded(v1: V1LayerParameter, log: UpgradeLog): LayerParameter {
  const layer = create('LayerParameter');
  carryLocation(v1, layer);
  const target = layer as unknown as AnyMessage;
  for (const [field, value] of presentFields(v1)) {
    switch (field.camelName) {
      case 'layer':
        log.dropped(`layer "${v1.name ?? ''}": its V0 part was dropped`);
        break;
      case 'type':
        layer.type = typeNames.get(value as number)!;
        break;
      case 'param':
        v1.param.forEach((name, i) => {
          paramOf(layer, i).name = name;
        });
        break;
      case 'blobShareMode':
        v1.blobShareMode.forEach((mode, i) => {
          paramOf(layer, i).shareMode = mode;
        });
        break;
      case 'blobsLr':
        v1.blobsLr.forEach((rate, i) => {
          paramOf(layer, i).lrMult = rate;
        });
        break;
      case 'weightDecay':
        v1.weightDecay.forEach((decay, i) => {
          paramOf(layer, i).decayMult = decay;
        });
        break;
      default:
        // the same field under the same name: bottom, top, blobs, include, loss_weight and every *_param
        target[field.camelName] = value;
    }
  }
  if (unknownFieldsOf(v1).length > 0)
    log.dropped(`layer "${v1.name ?? ''}": fields unknown to this schema were dropped`);
  return layer;
}

function paramOf(layer: LayerParameter, i: number) {
  while (layer.param.length <= i) layer.param.push(create('ParamSpec'));
  return layer.param[i]!;
}
