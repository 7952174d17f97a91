import {
  type DataParameter,
  type NetParameter,
  V1LayerParameter as V1,
  type V1LayerParameter,
} from '../generated/messages.ts';
import { locationOf, setFieldLocation, setLocation } from '../messages/location.ts';
import { create, has } from '../messages/message.ts';
import type { UpgradeLog } from './note.ts';

const { DATA, IMAGE_DATA, WINDOW_DATA } = V1.LayerType;
const moved = ['scale', 'meanFile', 'cropSize', 'mirror'] as const;

/** Moves scale, mean_file, crop_size and mirror of V1 data layers from their own param to `transform_param`. */
export function upgradeDataTransform(net: NetParameter, log: UpgradeLog): void {
  let count = 0;
  for (const layer of net.layers) if (moveFields(layer)) count++;
  if (count > 0) log.applied(`transformation fields of ${count} data layer(s) moved to transform_param`);
}

function moveFields(layer: V1LayerParameter): boolean {
  const own = ownParam(layer) as DataParameter | undefined;
  if (own === undefined || !moved.some((field) => has(own, field))) return false;
  if (layer.transformParam === undefined) {
    layer.transformParam = create('TransformationParameter');
    const at = locationOf(own);
    if (at !== undefined) setLocation(layer.transformParam, at);
  }
  const target = layer.transformParam as unknown as Record<string, unknown>;
  for (const field of moved) {
    if (!has(own, field)) continue;
    target[field] = own[field];
    const at = locationOf(own, field);
    if (at !== undefined && locationOf(target) !== undefined) setFieldLocation(target, field, at);
    Reflect.deleteProperty(own, field);
  }
  return true;
}

/** The param of a layer of one of the three types that once held these fields; all have them under the same names. */
function ownParam(layer: V1LayerParameter): object | undefined {
  if (layer.type === DATA) return layer.dataParam;
  if (layer.type === IMAGE_DATA) return layer.imageDataParam;
  return layer.type === WINDOW_DATA ? layer.windowDataParam : undefined;
}
