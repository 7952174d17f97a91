import type { Tensor } from '@jacinto/core-tensor';
import type { Rectifier } from './layer.ts';
import type { NetLayer } from './net-layer.ts';

/** A ReLU layer whose work the layer before it can do. Both write one blob: no value between them is ever seen. */
export interface Fusion {
  readonly producer: NetLayer;
  readonly rectifier: NetLayer;
  readonly relu: Rectifier;
  /** Whether the producer can do its backward, too: nothing behind the ReLU changes the blob's values. */
  readonly backward: boolean;
}

/**
 * The fusions that a net allows: a layer of one top without loss weight, and next in line on that very blob a ReLU
 * layer that works in place. Layers say themselves whether they are one or the other (`rectifier`, `fuseRectifier`).
 */
export function fusionsOf(layers: readonly NetLayer[]): Fusion[] {
  const fusions: Fusion[] = [];
  const writer = new Map<Tensor, NetLayer>();
  for (const netLayer of layers) {
    const { tops } = netLayer;
    const [top] = tops;
    const relu = top && rectifierOn(netLayer, top);
    const producer = relu === undefined ? undefined : writer.get(top!);
    if (relu !== undefined && producer !== undefined && canFuse(producer)) {
      fusions.push({ producer, rectifier: netLayer, relu, backward: isLastWriter(netLayer, layers) });
    }
    for (const each of tops) writer.set(each, netLayer);
  }
  return fusions;
}

/** What a layer computes that is a ReLU in place on a blob, and does nothing else. */
export function rectifierOn({ layer, bottoms, tops }: NetLayer, tensor: Tensor): Rectifier | undefined {
  const isOnly = (all: readonly Tensor[]): boolean => all.length === 1 && all[0] === tensor;
  return isOnly(bottoms) && isOnly(tops) ? layer.rectifier?.() : undefined;
}

function canFuse({ layer, tops, lossWeights }: NetLayer): boolean {
  return layer.fuseRectifier !== undefined && tops.length === 1 && lossWeights[0] === 0;
}

function isLastWriter({ tops, index }: NetLayer, layers: readonly NetLayer[]): boolean {
  return layers.slice(index + 1).every((later) => !later.tops.includes(tops[0]!));
}

/** Whether the environment says JACINTO_FUSION=0, for users who doubt it; in browsers there is no environment. */
export function fusionForbidden(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.['JACINTO_FUSION'] === '0';
}
