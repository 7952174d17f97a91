import type { ScaleBiasOperation, ScaleBiasSpec } from '../operations/index.ts';
import { read, update, write } from './floats.ts';

export function scaleBias({ outer, channels, inner }: ScaleBiasSpec): ScaleBiasOperation {
  const count = outer * channels * inner;
  const channelOf = (at: number): number => Math.floor(at / inner) % channels;
  return {
    forward(v) {
      const x = read(v.x);
      const scale = v.scale === undefined ? undefined : read(v.scale);
      const bias = v.bias === undefined ? undefined : read(v.bias);
      if (v.stash !== undefined) write(v.stash).set(x);
      const y = write(v.y);
      for (let i = 0; i < count; i++) y[i] = x[i]! * (scale?.[channelOf(i)] ?? 1) + (bias?.[channelOf(i)] ?? 0);
    },
    backward(v, { accumulate }) {
      const dy = read(v.dy);
      const dScale = new Float64Array(channels);
      const dBias = new Float64Array(channels);
      const x = v.dScale === undefined ? undefined : read(v.x!);
      for (let i = 0; i < count; i++) {
        if (x !== undefined) dScale[channelOf(i)]! += dy[i]! * x[i]!;
        dBias[channelOf(i)]! += dy[i]!;
      }
      for (const [values, sums] of [[v.dScale, dScale] as const, [v.dBias, dBias] as const]) {
        if (values === undefined) continue;
        const gradient = update(values);
        for (let c = 0; c < channels; c++) gradient[c] = sums[c]! + (accumulate ? gradient[c]! : 0);
      }
      if (v.dx === undefined) return;
      const scale = v.scale === undefined ? undefined : read(v.scale);
      const dx = write(v.dx);
      for (let i = 0; i < count; i++) dx[i] = dy[i]! * (scale?.[channelOf(i)] ?? 1);
    },
  };
}
