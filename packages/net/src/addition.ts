import { rectifierOn } from './fusion.ts';
import type { Addition } from './layer.ts';
import type { NetLayer } from './net-layer.ts';

/** A sum, and a ReLU in place behind it, that the layer before can do: its own top is then never written. */
export interface FusedAddition extends Addition {
  readonly producer: NetLayer;
  readonly layer: NetLayer;
  readonly rectifier: NetLayer | undefined;
}

/**
 * The sums that layers take over at the present shapes: right behind a layer of one top that nothing else reads, which
 * has no loss weight and which nobody keeps, a plain sum of that top and another blob into a third one.
 */
export function additionsOf(layers: readonly NetLayer[], keeps: (blob: string) => boolean): FusedAddition[] {
  const additions: FusedAddition[] = [];
  for (const layer of layers) {
    const producer = layers[layer.index - 1];
    const [sum] = layer.tops;
    if (producer === undefined || sum === undefined || layer.layer.addsBottoms?.() !== true) continue;
    const [own] = producer.tops;
    const others = layer.bottoms.filter((bottom) => bottom !== own);
    if (!canAdd(producer, keeps) || others.length !== 1 || layer.bottoms.length !== 2) continue;
    if (layer.bottoms.includes(sum) || layers.some((each) => each !== layer && each.bottoms.includes(own!))) continue;
    if (layers.some((each) => each !== producer && each.tops.includes(own!)) || layer.lossWeights[0] !== 0) continue;
    const next = layers[layer.index + 1];
    const relu = next?.lossWeights[0] === 0 ? rectifierOn(next, sum) : undefined;
    additions.push({ producer, layer, rectifier: relu && next, addend: others[0]!, sum, relu });
  }
  return additions.filter(isDone);
}

/** Whether the producer does it at the present shapes; it does not yet. */
function isDone({ producer, ...addition }: FusedAddition): boolean {
  const fuses = addition.addend.hasShape(producer.tops[0]!.shape) && producer.layer.fuseAddition!(addition);
  producer.layer.fuseAddition!(undefined);
  return fuses;
}

function canAdd({ layer, bottoms, tops, topNames, lossWeights }: NetLayer, keeps: (blob: string) => boolean): boolean {
  if (layer.fuseAddition === undefined || bottoms.length !== 1 || tops.length !== 1) return false;
  return lossWeights[0] === 0 && bottoms[0] !== tops[0] && !keeps(topNames[0]!);
}
