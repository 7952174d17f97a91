import type { Values } from '@jacinto/core-tensor';
import type { Net, NetLayer } from '@jacinto/net';
import type { Quantizer } from '@jacinto/quantize';
import { largestOf } from './compare.ts';
import { distanceFromTie, isOneStep, nearTie, roundedTops, topsOf } from './rounding-edges.ts';

/** Layers whose tops show their bottom's memory. */
const views = new Set(['Split', 'Flatten', 'Reshape', 'Silence']);

/**
 * A quantized net beside what was recorded of it. A value that the net puts within float rounding of half a step, and
 * that was recorded one step beside, takes the recorded side, so that it changes nothing behind it. Where a later layer
 * overwrites a blob (in place, or by a sum in its memory) its own values were not recorded: those within float rounding
 * of half a step may differ by that step more. Any other difference stays.
 */
export class RecordedEdges {
  /** Values that took the recorded side, and of these, those of an exact tie, where float rounding is no excuse alone. */
  count = 0;
  ties = 0;
  /** Values looked at. */
  total = 0;
  private expected: ReadonlyMap<string, Float32Array> = new Map();
  private readonly slack = new Map<Values, Float32Array>();
  private unrounded: Float32Array[] = [];

  /** Says what was recorded after the pass that comes next, by blob. */
  expect(recorded: ReadonlyMap<string, Float32Array>): void {
    this.expected = recorded;
    this.slack.clear();
  }

  /** How many values took the recorded side; undefined where none did. */
  words(): string | undefined {
    if (this.count === 0) return undefined;
    return `with ${this.count} of ${this.total} values, on an edge of rounding, put on the recorded side`;
  }

  /** Plugs a quantizer into the net that is judged. */
  follow(net: Net, quantizer: Quantizer): void {
    net.use({
      afterLayerForward: async (layer) => {
        this.unrounded = await topsOf(layer);
      },
    });
    net.use(quantizer);
    net.use({ afterLayerForward: (layer) => this.settle(layer, quantizer, net) });
  }

  private async settle(layer: NetLayer, quantizer: Quantizer, net: Net): Promise<void> {
    for (const { i, top, q } of roundedTops(layer, quantizer)) {
      const { data } = top;
      const unrounded = this.unrounded[i]!;
      const near = nearTie(unrounded, q);
      const distances = unrounded.map((value) => distanceFromTie(value, q));
      const recorded = this.expected.get(layer.topNames[i]!);
      if (recorded === undefined || isOverwritten(data, layer, net)) {
        const slack = this.slackOf(data);
        for (const [k, distance] of distances.entries()) if (distance <= near) slack[k]! += 1 / q.scaleTarget;
        continue;
      }
      const ours = await data.read();
      const size = largestOf(recorded);
      const slack = this.slack.get(data);
      this.total += ours.length;
      for (let k = 0; k < ours.length; k++) {
        const difference = Math.abs(ours[k]! - recorded[k]!);
        if (!(difference * q.scaleTarget > 0.5)) continue;
        const fromBefore = slack?.[k] ?? 0;
        const isExcused =
          (distances[k]! <= near && isOneStep(difference, 1 / q.scaleTarget, size)) ||
          (fromBefore > 0 && difference <= 1.001 * (fromBefore + 1 / q.scaleTarget));
        if (!isExcused) continue;
        if (distances[k] === 0) this.ties++;
        (data.hostUpdate() as Float32Array)[k] = recorded[k]!;
        this.count++;
      }
    }
  }

  private slackOf(data: Values): Float32Array {
    const slack = this.slack.get(data) ?? new Float32Array(data.count);
    this.slack.set(data, slack);
    return slack;
  }
}

/** Whether a later layer writes into the memory. */
function isOverwritten(data: Values, { index }: NetLayer, { layers }: Net): boolean {
  return layers.slice(index + 1).some(({ type, tops }) => !views.has(type) && tops.some((top) => top.data === data));
}
