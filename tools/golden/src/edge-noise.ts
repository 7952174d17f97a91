import { randomAt } from '@jacinto/core-tensor';
import type { Net, NetLayer } from '@jacinto/net';
import type { Quantizer } from '@jacinto/quantize';
import { distanceFromTie, nearTie, roundedTops } from './rounding-edges.ts';

/**
 * A quantized net as another order of its float32 sums might make it: of the values within float rounding of half a
 * step, every second one, by chance, is put on the other side.
 */
export class EdgeNoise {
  private readonly seed: number;
  private pass = 0;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** Plugs a quantizer into the net, and what changes its values before it rounds them. */
  follow(net: Net, quantizer: Quantizer): void {
    net.use({
      afterLayerForward: (layer) => this.disturb(layer, quantizer),
      afterForward: () => {
        this.pass++;
      },
    });
    net.use(quantizer);
  }

  private async disturb(layer: NetLayer, quantizer: Quantizer): Promise<void> {
    for (const { top, q } of roundedTops(layer, quantizer)) {
      const { data } = top;
      await data.read();
      const values = data.hostUpdate() as Float32Array;
      const near = nearTie(values, q);
      for (let k = 0; k < values.length; k++) {
        if (distanceFromTie(values[k]!, q) > near || randomAt(this.seed, layer.index, this.pass, k) < 2 ** 31) continue;
        const code = values[k]! * q.scaleTarget + q.offset;
        const tie = Math.floor(code) + 0.5;
        values[k] = (tie + (code < tie ? near : -near) - q.offset) / q.scaleTarget;
      }
    }
  }
}
