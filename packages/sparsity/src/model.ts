import {
  type BlobProto,
  blobShape,
  blobValues,
  CaffeError,
  checkWeightsShape,
  create,
  has,
  type LayerParameter,
  makeBlob,
  type NetParameter,
  type NetState,
  type NetStateRule,
  Type,
} from '@jacinto/proto';
import type { ConvolutionWeights } from './convolution.ts';

/**
 * The Convolution layers of a net's TEST phase with copies of their weights, in the net's order. `weights`: a
 * caffemodel's message; default the net's own blobs. @throws CaffeError where weights are missing, do not fit, or are
 * not finite.
 */
export function convolutionsOf(net: NetParameter, weights: NetParameter = net): ConvolutionWeights[] {
  const layers = testLayers(net);
  const stored = new Map(weights.layer.map((layer) => [layer.name ?? '', layer]));
  return layers.flatMap((layer, index) => {
    if (layer.type !== 'Convolution') return [];
    const blob = stored.get(layer.name ?? '')?.blobs[0];
    try {
      return [
        {
          layer: layer.name ?? '',
          paramName: paramNameOf(layer),
          shape: checkedShape(layer, blob),
          group: layer.convolutionParam?.group ?? 1,
          counted: !isBeforeSoftmax(layers, index),
          values: finiteValues(blob!),
        },
      ];
    } catch (error) {
      throw error instanceof CaffeError ? error.with({ layer: layer.name, layerType: layer.type }) : error;
    }
  });
}

/** The weights' message with the values of convolutions put in; all else is shared with the given one. */
export function withConvolutions(
  weights: NetParameter,
  convolutions: readonly Pick<ConvolutionWeights, 'layer' | 'values'>[],
): NetParameter {
  const byLayer = new Map(convolutions.map(({ layer, values }) => [layer, values]));
  const layer = weights.layer.map((old) => {
    const values = byLayer.get(old.name ?? '');
    const [blob, ...rest] = old.blobs;
    if (values === undefined || blob === undefined) return old;
    return Object.assign(create('LayerParameter'), old, { blobs: [blobLike(blob, values), ...rest] });
  });
  return Object.assign(create('NetParameter'), weights, { layer });
}

/** What Caffe calls a layer's first param in tables. */
export function paramNameOf(layer: LayerParameter): string {
  return layer.param[0]?.name || '0';
}

export function isSoftmax(type: string | undefined): boolean {
  return type === 'Softmax' || type === 'SoftmaxWithLoss';
}

/** Whether a Softmax comes next in the order of running, where a top that several layers read puts a Split in between. */
function isBeforeSoftmax(layers: readonly LayerParameter[], index: number): boolean {
  if (!isSoftmax(layers[index + 1]?.type)) return false;
  const [top] = layers[index]!.top;
  let readers = (layers[index]!.lossWeight[0] ?? 0) === 0 ? 0 : 1;
  for (const layer of layers.slice(index + 1)) {
    readers += layer.bottom.filter((bottom) => bottom === top).length;
    if (top !== undefined && layer.top.includes(top)) break;
  }
  return readers <= 1;
}

function checkedShape(layer: LayerParameter, blob: BlobProto | undefined): number[] {
  if (blob === undefined) {
    throw new CaffeError({
      code: 'missing',
      problem: 'has no blobs in the weights',
      fix: 'use the weights that were made with this net',
    });
  }
  const shape = blobShape(blob);
  checkWeightsShape(layer, shape);
  return shape;
}

function finiteValues(blob: BlobProto): Float32Array {
  const values = Float32Array.from(blobValues(blob));
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return values;
  throw new CaffeError({
    code: 'bad-data',
    field: 'blob 0',
    problem: `holds ${values[bad]} at ${bad}`,
    fix: 'the training had diverged; use weights of an earlier snapshot',
  });
}

/** A blob of another's shape and form of storage. Zeros and halves stay exact, for values only become 0. */
function blobLike(blob: BlobProto, values: Float32Array): BlobProto {
  const isHalf = has(blob, 'rawData') && blob.rawDataType === Type.FLOAT16;
  const made = makeBlob(blobShape(blob), values, {
    format: has(blob, 'rawData') ? 'nv' : 'bvlc',
    type: isHalf ? 'FLOAT16' : undefined,
  });
  const legacy = (['num', 'channels', 'height', 'width'] as const).filter((field) => has(blob, field));
  if (legacy.length > 0) Reflect.deleteProperty(made, 'shape');
  for (const field of legacy) made[field] = blob[field];
  return made;
}

const TEST = 1;

function testLayers(net: NetParameter): LayerParameter[] {
  const state = net.state ?? create('NetState');
  return net.layer.filter((layer) =>
    layer.include.length > 0
      ? layer.include.some((rule) => matches(rule, state))
      : !layer.exclude.some((rule) => matches(rule, state)),
  );
}

function matches(rule: NetStateRule, state: NetState): boolean {
  return (
    (!has(rule, 'phase') || rule.phase === TEST) &&
    (!has(rule, 'minLevel') || state.level >= rule.minLevel!) &&
    (!has(rule, 'maxLevel') || state.level <= rule.maxLevel!) &&
    rule.stage.every((stage) => state.stage.includes(stage)) &&
    !rule.notStage.some((stage) => state.stage.includes(stage))
  );
}
