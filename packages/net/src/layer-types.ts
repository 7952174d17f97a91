import { has, type NetParameter, Type } from '@jacinto/proto';
import type { NetEvent } from './events.ts';

const typeName = (type: number): string => Object.entries(Type).find(([, value]) => value === type)?.[0] ?? `${type}`;

/**
 * Fills in what layers inherit from their net: phase, and the types of data, diffs and arithmetic (Caffe: Net::Init).
 * The types are kept for saving; arithmetic is the backend's. Changes the layers of `param`.
 */
export function inheritFromNet(param: NetParameter, phase: number, emit: (event: NetEvent) => void = () => {}): void {
  const forwardMath = has(param, 'defaultForwardMath') ? param.defaultForwardMath : param.defaultForwardType;
  const backwardMath = has(param, 'defaultBackwardMath') ? param.defaultBackwardMath : param.defaultBackwardType;
  emit({ type: 'default-math', pass: 'forward', dataType: typeName(forwardMath) });
  emit({ type: 'default-math', pass: 'backward', dataType: typeName(backwardMath) });
  for (const layer of param.layer) {
    if (!has(layer, 'phase')) layer.phase = phase;
    if (!has(layer, 'forwardMath')) layer.forwardMath = has(layer, 'forwardType') ? layer.forwardType : forwardMath;
    if (!has(layer, 'backwardMath'))
      layer.backwardMath = has(layer, 'backwardType') ? layer.backwardType : backwardMath;
    if (!has(layer, 'forwardType')) layer.forwardType = param.defaultForwardType;
    if (!has(layer, 'backwardType')) {
      layer.backwardType = has(layer, 'transformParam') ? Type.FLOAT : param.defaultBackwardType;
    }
  }
}
