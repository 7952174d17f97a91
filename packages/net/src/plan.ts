import { bytesPerValue, type Values } from '@jacinto/core-tensor';
import type { AdditionSwitch } from './addition-switch.ts';
import type { FusionSwitch } from './fusion-switch.ts';
import type { NetLayer } from './net-layer.ts';
import { recordedOperations } from './recorded-operations.ts';
import { type Lifetime, takeTurns } from './shared-buffers.ts';

/** What a net does in a whole pass at its present shapes, in words: `net.plan()`. */
export interface NetPlan {
  /** The backend's name. */
  readonly backend: string;
  /** One a layer, in order. */
  readonly steps: readonly PlanStep[];
  /** Bytes of all blobs' plain data: each by itself, and taking turns as with `reuseBuffers`. */
  readonly memory: { readonly alone: number; readonly reused: number };
}

export interface PlanStep {
  readonly layer: string;
  readonly type: string;
  readonly index: number;
  /** Operations that the layer has its backend prepare: "batchNorm + relu"; none of its own for a layer left out. */
  readonly operations: readonly string[];
  /** A ReLU layer or a sum whose work this layer does, in backward too or in forward only. */
  readonly does?: { readonly layer: string; readonly backward: boolean };
  /** The layer that does this one's work. */
  readonly doneBy?: { readonly layer: string; readonly backward: boolean };
  /** Whether `backward` runs it. */
  readonly needsBackward: boolean;
  readonly tops: readonly PlannedTop[];
}

export interface PlannedTop {
  readonly blob: string;
  readonly shape: readonly number[];
  /** Of its data. */
  readonly bytes: number;
  /** Tops with one number are one memory (in place, Split, Reshape). */
  readonly memory: number;
}

/** What blobs take each by itself, and what they would where those with these lifetimes take turns. */
export function plannedMemory(steps: readonly PlanStep[], lifetimes: readonly Lifetime[]): NetPlan['memory'] {
  const sizes = new Map(steps.flatMap(({ tops }) => tops.map(({ memory, bytes }) => [memory, bytes])));
  const alone = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
  const saved = takeTurns(lifetimes).flatMap((users) => users.slice(1).map(({ bytes }) => bytes));
  return { alone, reused: alone - saved.reduce((sum, bytes) => sum + bytes, 0) };
}

/** Prepares every layer anew (`reshape`) and writes down what it asks for. */
export function planSteps(
  layers: readonly NetLayer[],
  fusions: FusionSwitch,
  additions: AdditionSwitch,
  reshape: (layer: NetLayer) => void,
): PlanStep[] {
  const active = fusions.prepareAll();
  const sums = additions.prepareAll();
  const memories = new Map<Values, number>();
  const numberOf = (values: Values): number => {
    if (!memories.has(values)) memories.set(values, memories.size);
    return memories.get(values)!;
  };
  return layers.map((netLayer): PlanStep => {
    const { name, type, index, layer, needsBackward, tops, topNames } = netLayer;
    const asked = recordedOperations(layer, () => reshape(netLayer));
    const own = active.find(({ fusion }) => fusion.producer === netLayer);
    const other = active.find(({ fusion }) => fusion.rectifier === netLayer);
    const does = sums.find(({ producer }) => producer === netLayer)?.layer;
    const doneBy = sums.find(({ layer, rectifier }) => layer === netLayer || rectifier === netLayer)?.producer;
    const leftOut = doneBy !== undefined || (other !== undefined && (other.backward || !needsBackward));
    return {
      ...{ layer: name, type, index, needsBackward, operations: leftOut ? [] : asked },
      ...(own && { does: { layer: own.fusion.rectifier.name, backward: own.backward } }),
      ...(does && { does: { layer: does.name, backward: false } }),
      ...(doneBy && { doneBy: { layer: doneBy.name, backward: false } }),
      ...(other && { doneBy: { layer: other.fusion.producer.name, backward: other.backward } }),
      tops: tops.map(({ data, shape }, j) => ({
        ...{ blob: topNames[j]!, shape, bytes: data.count * bytesPerValue[data.dataType], memory: numberOf(data) },
      })),
    };
  });
}
