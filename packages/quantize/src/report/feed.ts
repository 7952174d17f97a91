import {
  clone,
  create,
  DataParameter,
  type DeepPartial,
  has,
  type LayerParameter,
  type NetParameter,
  Phase,
} from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';

/** Where pictures come from. */
export interface FeedOptions {
  /** A list of images, `path label` a line, or an LMDB. */
  source: { kind: 'list' | 'lmdb'; path: string };
  /** Pictures a pass; default what the net says. */
  batch?: number;
  /** For nets whose input gives no transform: subtracted, one a channel or one for all; factor after it. */
  mean?: readonly number[];
  scale?: number;
}

/**
 * The net with pictures as its input: its Input layer, or the data layer of its TEST phase, is replaced by one that
 * reads `source` and also makes the blob "label". Layers of TRAIN are left out.
 * @throws CaffeError 'unsupported' for nets with several inputs, or inputs that are no pictures.
 */
export function feedNet(param: NetParameter, options: FeedOptions): NetParameter {
  const fed = Object.assign(create('NetParameter'), param);
  const layers = param.layer.filter((layer) => runsInTest(layer));
  const inputs = layers.filter(({ bottom, type = '' }) => bottom.length === 0 && makesPictures(type));
  if (inputs.length !== 1) {
    throw new CaffeError({
      code: 'unsupported',
      problem: `has ${inputs.length} layers that pictures could go into`,
      fix: 'give a net with one Input or data layer',
    });
  }
  const [input] = inputs as [LayerParameter];
  fed.layer = layers.map((layer) => (layer === input ? fedLayer(layer, options) : layer));
  return fed;
}

/** Whether the net has a data layer of its own in phase TEST. */
export function feedsItself(param: NetParameter): boolean {
  return param.layer.some((layer) => /data$/i.test(layer.type ?? '') && runsInTest(layer));
}

const makesPictures = (type: string): boolean => type === 'Input' || /data$/i.test(type);

/** Whether the rules of a layer let it into phase TEST. */
export function runsInTest(layer: LayerParameter): boolean {
  if (has(layer, 'include')) return layer.include.some((rule) => !has(rule, 'phase') || rule.phase === Phase.TEST);
  return !(has(layer, 'exclude') && layer.exclude.some((rule) => rule.phase === Phase.TEST));
}

function fedLayer(layer: LayerParameter, { source, batch, mean, scale }: FeedOptions): LayerParameter {
  const shape = layer.inputParam?.shape[0]?.dim.map(Number);
  if (layer.type === 'Input' && (shape?.length !== 4 || layer.top.length !== 1)) {
    throw new CaffeError({
      ...{ code: 'unsupported', layer: layer.name, layerType: 'Input', field: 'input_param.shape' },
      problem: shape === undefined ? 'is not given' : `is ${shape.join(' × ')}`,
      fix: 'pictures need one top with N × C × H × W',
    });
  }
  const [own, channels, height, width] = shape ?? [];
  if (source.kind === 'list' && channels !== undefined && channels !== 1 && channels !== 3) {
    throw new CaffeError({
      ...{ code: 'unsupported', layer: layer.name, layerType: 'Input', field: 'input_param.shape' },
      problem: `has ${channels} channels`,
      fix: 'image files give 3, or 1 to a net with one; give a database of such data',
    });
  }
  const batchSize = batch ?? own ?? batchOf(layer) ?? 1;
  const transform = has(layer, 'transformParam') ? clone(layer.transformParam!) : create('TransformationParameter');
  if (mean !== undefined) transform.meanValue = [...mean];
  if (scale !== undefined) transform.scale = scale;
  if (channels === 1) transform.forceGray = true;
  const label = layer.top[1] ?? 'label';
  const more: DeepPartial<LayerParameter> =
    source.kind === 'lmdb'
      ? { type: 'Data', dataParam: { source: source.path, batchSize, backend: DataParameter.DB.LMDB } }
      : {
          type: 'ImageData',
          imageDataParam: {
            ...{ source: source.path, batchSize, isColor: channels !== 1 },
            ...sizeOf(layer, height, width, transform.cropSize),
          },
        };
  const fed = create('LayerParameter', { name: layer.name, top: [layer.top[0]!, label], ...more });
  fed.transformParam = transform;
  return fed;
}

const batchOf = ({ dataParam, imageDataParam }: LayerParameter): number | undefined =>
  dataParam?.batchSize || imageDataParam?.batchSize || undefined;

/** Pictures are made as large as the input, or as the data layer said; a crop takes the middle of what it is given. */
function sizeOf(
  layer: LayerParameter,
  height: number | undefined,
  width: number | undefined,
  crop: number,
): { newHeight?: number; newWidth?: number } {
  if (height !== undefined) return { newHeight: height, newWidth: width };
  const { imageDataParam } = layer;
  if (imageDataParam !== undefined && imageDataParam.newHeight > 0) {
    return { newHeight: imageDataParam.newHeight, newWidth: imageDataParam.newWidth };
  }
  return crop > 0 ? { newHeight: crop, newWidth: crop } : {};
}
