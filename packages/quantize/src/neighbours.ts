import type { QuantizableLayer } from './quantizable-net.ts';

/** Types of the layers around a layer; '' where there is none. In-place layers and splits count. */
export interface Neighbours {
  next: string;
  prev: string;
  /** The layer before `prev`. */
  prev2: string;
}

type Joined = Pick<QuantizableLayer, 'type' | 'bottoms' | 'tops'>;

/** Neighbours of layer `index` by the blobs that join them, not by the order of the file. */
export function neighboursOf(layers: readonly Joined[], index: number): Neighbours {
  const next = nextOf(layers, index);
  const prev = previousOf(layers, index);
  const prev2 = prev < 0 ? -1 : previousOf(layers, prev);
  const type = (i: number): string => layers[i]?.type ?? '';
  return { next: type(next), prev: type(prev), prev2: type(prev2) };
}

/** The first later layer that reads a top of layer `index` (of the first top that is read), or −1. */
export function nextOf(layers: readonly Joined[], index: number): number {
  for (const top of layers[index]!.tops) {
    const found = layers.findIndex(({ bottoms }, i) => i > index && bottoms.includes(top));
    if (found >= 0) return found;
  }
  return -1;
}

/** The last earlier layer that makes the first bottom of layer `index`, or −1. */
export function previousOf(layers: readonly Joined[], index: number, bottom = 0): number {
  const blob = layers[index]!.bottoms[bottom];
  if (blob === undefined) return -1;
  return layers.slice(0, index).findLastIndex(({ tops }) => tops.includes(blob));
}
