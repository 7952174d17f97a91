import { blobShape, countOf } from '../blobs/blob-shape.ts';
import type { BlobProto, LayerParameter, NetParameter } from '../generated/messages.ts';
import { equals } from '../messages/equals.ts';
import { clone } from '../messages/merge.ts';
import { create, has } from '../messages/message.ts';
import { shallow } from '../messages/shallow.ts';
import { asChannels, channelBlob, dividedStatistics, inNvOrder, isDigitsOrder, isFused } from './layout.ts';

/**
 * The net as caffe-jacinto and NVCaffe read it: BVLC statistics divided by their scale factor, and each BatchNorm
 * followed by a per-channel Scale layer made one BatchNorm with `scale_bias` and five blobs (mean, variance, 1, scale,
 * bias). A Scale layer stays where it does something else, or where another layer reads the BatchNorm's own top. Blobs
 * in the old DIGITS order are put in order. Works on nets with and without blobs; the net given is not changed.
 */
export function toNvBatchNorm(net: NetParameter): NetParameter {
  const result = shallow(net);
  const gone = new Set<LayerParameter>();
  result.layer = net.layer.map((layer, i) => {
    if (layer.type !== 'BatchNorm') return layer;
    if (isFused(layer)) return ordered(layer);
    const scale = scaleAfter(net.layer, i);
    if (scale !== undefined) gone.add(scale);
    return scale === undefined ? plain(layer) : fused(layer, scale);
  });
  result.layer = result.layer.filter((layer) => !gone.has(layer));
  return result;
}

function ordered(layer: LayerParameter): LayerParameter {
  if (!isDigitsOrder(layer.blobs)) return layer;
  const copy = shallow(layer);
  copy.blobs = inNvOrder(layer.blobs);
  return copy;
}

function plain(layer: LayerParameter): LayerParameter {
  if (layer.blobs.length !== 3) return layer;
  const copy = shallow(layer);
  copy.blobs = dividedStatistics(layer);
  return copy;
}

/** The Scale layer that belongs to the BatchNorm at `index`, where the two can be one. */
function scaleAfter(layers: readonly LayerParameter[], index: number): LayerParameter | undefined {
  const norm = layers[index]!;
  const top = norm.top[0];
  const at = layers.findIndex((layer, i) => i > index && (layer.bottom.includes(top!) || layer.top.includes(top!)));
  const scale = layers[at];
  if (top === undefined || scale === undefined || !isChannelScale(scale) || !alike(norm, scale)) return undefined;
  if (scale.top[0] !== top) {
    // not in place: nobody else may read the BatchNorm's top, before another layer makes a blob of that name
    for (const layer of layers.slice(at + 1)) {
      if (layer.bottom.includes(top)) return undefined;
      if (layer.top.includes(top)) break;
    }
  }
  return scale;
}

/** One factor for each channel of a single bottom, with weights for it where the net has any. */
function isChannelScale(layer: LayerParameter): boolean {
  if (layer.type !== 'Scale' || layer.bottom.length !== 1) return false;
  const param = layer.scaleParam;
  return param === undefined || (param.axis === 1 && param.numAxes === 1);
}

/** Whether both are in the net under the same rules, have blobs or lack them together, and share none by name. */
function alike(norm: LayerParameter, scale: LayerParameter): boolean {
  const rules = (layer: LayerParameter) =>
    create('LayerParameter', { include: layer.include, exclude: layer.exclude, phase: layer.phase });
  const named = [...norm.param, ...scale.param].some((param) => has(param, 'name'));
  if (named || !equals(rules(norm), rules(scale))) return false;
  const blobs = scale.blobs.length;
  return norm.blobs.length === 0
    ? blobs === 0
    : norm.blobs.length === 3 && blobs === (scale.scaleParam?.biasTerm ? 2 : 1);
}

function fused(norm: LayerParameter, scale: LayerParameter): LayerParameter {
  const layer = shallow(norm);
  layer.top = [...scale.top];
  // caffe-jacinto fixes lr_mult and decay_mult of all five by itself
  Reflect.deleteProperty(layer, 'param');
  const param = norm.batchNormParam === undefined ? create('BatchNormParameter') : clone(norm.batchNormParam);
  param.scaleBias = true;
  const { filler, biasFiller } = scale.scaleParam ?? {};
  if (filler !== undefined) param.scaleFiller = clone(filler);
  if (biasFiller !== undefined) param.biasFiller = clone(biasFiller);
  layer.batchNormParam = param;
  if (norm.blobs.length === 3) {
    const [gamma, beta] = scale.blobs as [BlobProto, BlobProto | undefined];
    const zeros = () => channelBlob(new Float32Array(countOf(blobShape(gamma))), gamma);
    layer.blobs = [...dividedStatistics(norm), asChannels(gamma), beta === undefined ? zeros() : asChannels(beta)];
  }
  return layer;
}
