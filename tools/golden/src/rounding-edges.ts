import { type Backend, createCpuBackend } from '@jacinto/core-tensor';
import type { Net, NetLayer } from '@jacinto/net';
import type { Quantizer } from '@jacinto/quantize';
import { Comparison, largestOf } from './compare.ts';

/**
 * How near to half a step two sums of float32 in different order may put a value, as a share of the blob's largest code:
 * float32 keeps 24 bits, sums lose some.
 */
export const floatRounding = 2 ** -20;

/** How far a value's code is from half a step. */
export function distanceFromTie(value: number, { scaleTarget, offset }: Scale): number {
  const code = value * scaleTarget + offset;
  return Math.abs(code - Math.floor(code) - 0.5);
}

/** Whether a difference is one step, as far as float32 says so of values up to `size`. */
export function isOneStep(difference: number, step: number, size: number): boolean {
  return difference <= 1.001 * step + 2 ** -22 * size;
}

interface Scale {
  scaleTarget: number;
  offset: number;
}

interface Tops {
  unrounded: Float32Array[];
  rounded: Float32Array[];
}

/**
 * A quantized net beside a witness, the same net on the CPU backend. A value that each side puts within float rounding
 * of half a step, and that they round to neighbouring steps, takes the witness's side, so that it changes nothing
 * behind it. Any other difference stays.
 */
export class RoundingEdges {
  /** Values that took the witness's side. */
  count = 0;
  /** Values looked at. */
  total = 0;
  readonly backend: Backend;
  private readonly witnessed = new Map<number, Tops>();
  private readonly own = new Map<number, Float32Array[]>();

  /** @param backend the witness's */
  constructor(backend: Backend) {
    this.backend = backend;
  }

  /** Plugs a quantizer into the witness, which must run each pass before the net that follows it. */
  watch(witness: Net, quantizer: Quantizer): void {
    witness.use({
      afterLayerForward: async (layer) => {
        this.witnessed.set(layer.index, { unrounded: await topsOf(layer), rounded: [] });
      },
    });
    witness.use(quantizer);
    witness.use({
      afterLayerForward: async (layer) => {
        this.witnessed.get(layer.index)!.rounded = await topsOf(layer);
      },
    });
  }

  /** Plugs a quantizer into the net that is judged. */
  follow(net: Net, quantizer: Quantizer): void {
    net.use({
      afterLayerForward: async (layer) => {
        this.own.set(layer.index, await topsOf(layer));
      },
    });
    net.use(quantizer);
    net.use({ afterLayerForward: (layer) => this.settle(layer, quantizer) });
  }

  private async settle(layer: NetLayer, quantizer: Quantizer): Promise<void> {
    const params = quantizer.layerParams[layer.index]?.qparamOut ?? [];
    const { unrounded, rounded } = this.witnessed.get(layer.index)!;
    for (const [i, q] of params.slice(0, layer.tops.length).entries()) {
      const { quantize, scaleTarget } = q;
      if (!quantize || !(scaleTarget > 0)) continue;
      const { data } = layer.tops[i]!;
      const ours = await data.read();
      const near = floatRounding * largestOf(unrounded[i]!) * scaleTarget;
      this.total += ours.length;
      for (let k = 0; k < ours.length; k++) {
        const steps = Math.abs(ours[k]! - rounded[i]![k]!) * scaleTarget;
        if (!(steps > 0.5 && steps < 1.001)) continue;
        const [theirs, own] = [unrounded[i]![k]!, this.own.get(layer.index)![i]![k]!];
        if (distanceFromTie(theirs, q) > near || distanceFromTie(own, q) > near) continue;
        (data.hostUpdate() as Float32Array)[k] = rounded[i]![k]!;
        this.count++;
      }
    }
  }
}

export async function topsOf(layer: NetLayer): Promise<Float32Array[]> {
  const copies: Float32Array[] = [];
  for (const { data } of layer.tops) copies.push(Float32Array.from(await data.read()));
  return copies;
}

/**
 * Compares a quantized net; where that fails on another backend than the CPU's, once more beside a witness. Gives what
 * to say about the values that lie on an edge of rounding, where that alone was the reason.
 */
export async function allowingForEdges(
  backend: Backend,
  comparison: Comparison,
  compare: (comparison: Comparison, edges?: RoundingEdges) => Promise<void>,
): Promise<string | undefined> {
  const alone = new Comparison();
  await compare(alone);
  if (alone.wrong.length > 0 && backend.name !== 'cpu') {
    const edges = new RoundingEdges(await createCpuBackend({ threads: 1 }));
    const beside = new Comparison();
    await compare(beside, edges);
    await edges.backend.dispose();
    if (beside.wrong.length === 0 && edges.count > 0) {
      comparison.addAll(beside);
      return `with ${edges.count} of ${edges.total} values, on an edge of rounding, put on the CPU backend's side`;
    }
  }
  comparison.addAll(alone);
  return undefined;
}
