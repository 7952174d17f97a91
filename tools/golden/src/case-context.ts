import type { Backend } from '@jacinto/core-tensor';
import { filterNet, type LayerRegistry } from '@jacinto/net';
import { create, type NetParameter } from '@jacinto/proto';

/** What every case needs. */
export interface CaseContext {
  backend: Backend;
  registry: LayerRegistry;
  /** Folder in which databases and pictures lie that are not beside the net. */
  dataFolder?: string;
}

/** Largest error of a layer's arrays, relative to the largest value of each. */
export const layerTolerance = 1e-4;
/** Of logged losses, and of the weights and history of snapshots. */
export const trainingTolerance = 1e-3;

/** Layer types of a net that nobody has registered, in the order of their use. */
export function missingTypes(net: NetParameter, phase: number, registry: LayerRegistry): string[] {
  const state = Object.assign(create('NetState'), net.state, { phase });
  const types = filterNet(net, state).layer.map(({ type }) => type ?? '');
  return [...new Set(types)].filter((type) => !registry.has(type));
}

/** "layer type X is not registered", or undefined where all are. */
export function missingReason(types: readonly string[]): string | undefined {
  if (types.length === 0) return undefined;
  return `layer type${types.length === 1 ? '' : 's'} not registered: ${types.join(', ')}`;
}
