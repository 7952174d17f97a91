import { CaffeError } from '../errors/index.ts';
import type { LayerParameter, NetParameter } from '../generated/messages.ts';
import { carryLocation } from '../messages/location.ts';
import { clone } from '../messages/merge.ts';
import { create } from '../messages/message.ts';
import { shallow } from '../messages/shallow.ts';
import { asChannels, channelBlob, inNvOrder, isFused } from './layout.ts';

/**
 * The net as BVLC Caffe reads it: each BatchNorm that scales and shifts by itself (five blobs, or `scale_bias`)
 * becomes a BatchNorm of three blobs with the scale factor 1, and a Scale layer `<name>_scale` after it, in place.
 * Works on nets with and without blobs, and on the old DIGITS blob order. The net given is not changed; blobs are
 * shared. Convert the prototxt and its weights both.
 */
export function toBvlcBatchNorm(net: NetParameter): NetParameter {
  const result = shallow(net);
  const names = new Set(net.layer.map((layer) => layer.name));
  result.layer = net.layer.flatMap((layer) =>
    layer.type === 'BatchNorm' && isFused(layer) ? split(layer, names) : [layer],
  );
  return result;
}

function split(layer: LayerParameter, names: Set<string | undefined>): LayerParameter[] {
  const blobs = inNvOrder(layer.blobs);
  if (blobs.length !== 0 && blobs.length !== 5) {
    const problem = `scales and shifts by itself but has ${blobs.length} blobs, not 5`;
    throw new CaffeError({ code: 'bad-data', layer: layer.name, layerType: layer.type, problem });
  }
  const norm = shallow(layer);
  const scale = scaleLayer(layer, uniqueName(`${layer.name ?? ''}_scale`, names));
  norm.param = [0, 1, 2].map(() => create('ParamSpec', { lrMult: 0, decayMult: 0 }));
  if (layer.batchNormParam !== undefined) {
    norm.batchNormParam = clone(layer.batchNormParam);
    for (const field of ['scaleBias', 'scaleFiller', 'biasFiller']) Reflect.deleteProperty(norm.batchNormParam, field);
  }
  if (blobs.length === 5) {
    const [mean, variance, , gamma, beta] = blobs.map(asChannels);
    norm.blobs = [mean!, variance!, channelBlob(Float32Array.of(1), mean!)];
    scale.blobs = [gamma!, beta!];
  }
  return [norm, scale];
}

function scaleLayer(layer: LayerParameter, name: string): LayerParameter {
  const param = layer.batchNormParam;
  const scale = create('LayerParameter', {
    name,
    type: 'Scale',
    bottom: layer.top,
    top: layer.top,
    scaleParam: { filler: param?.scaleFiller, biasTerm: true, biasFiller: param?.biasFiller },
  });
  for (const rule of layer.include) scale.include.push(clone(rule));
  for (const rule of layer.exclude) scale.exclude.push(clone(rule));
  if (Object.hasOwn(layer, 'phase')) scale.phase = layer.phase!;
  carryLocation(layer, scale);
  return scale;
}

function uniqueName(wanted: string, names: Set<string | undefined>): string {
  let name = wanted;
  for (let i = 2; names.has(name); i++) name = `${wanted}${i}`;
  names.add(name);
  return name;
}
