import { create, type LayerParameter, PoolingParameter } from '@jacinto/proto';
import { type Accumulated, accumulatedOf, type Codes, channelsOf } from './value.ts';

interface Axis {
  from: number;
  to: number;
  /** Length of the window inside the padded image: what an average divides by. */
  length: number;
}

/** Maximum of codes: as codes of the same scale. Average: sums, all over one divisor. Undefined for other methods. */
export function pool(x: Codes, param: LayerParameter, shape: readonly number[]): Codes | Accumulated | undefined {
  const p = param.poolingParam ?? create('PoolingParameter');
  const { MAX, AVE } = PoolingParameter.PoolMethod;
  if (x.shape.length !== 4 || (p.pool !== MAX && p.pool !== AVE)) return undefined;
  const [items, channels, height, width] = x.shape as [number, number, number, number];
  const [, , rows, columns] = shape as [number, number, number, number];
  const whole = p.globalPooling;
  const axis = (i: number, size: number, kernel: number, stride: number, pad: number): Axis => {
    if (whole) return { from: 0, to: size, length: size };
    const start = i * stride - pad;
    const end = Math.min(start + kernel, size + pad);
    return { from: Math.max(0, start), to: Math.min(end, size), length: end - start };
  };
  const hs = Array.from({ length: rows }, (_, i) =>
    axis(i, height, p.kernelH ?? p.kernelSize ?? 1, p.strideH ?? p.stride, p.padH || p.pad),
  );
  const ws = Array.from({ length: columns }, (_, i) =>
    axis(i, width, p.kernelW ?? p.kernelSize ?? 1, p.strideW ?? p.stride, p.padW || p.pad),
  );
  const count = items * channels * rows * columns;
  const found = new Float64Array(count);
  const taps = new Float64Array(count);
  const isMax = p.pool === MAX;
  const divisor = [...hs].flatMap((h) => ws.map((w) => h.length * w.length)).reduce(leastCommonMultiple, 1);
  let at = 0;
  for (let plane = 0; plane < items * channels; plane++) {
    for (const h of hs) {
      for (const w of ws) {
        let best = Number.NEGATIVE_INFINITY;
        let sum = 0;
        for (let y = h.from; y < h.to; y++) {
          for (let z = w.from; z < w.to; z++) {
            const code = x.codes[(plane * height + y) * width + z]!;
            if (code > best) best = code;
            sum += code;
          }
        }
        const weight = isMax ? 1 : divisor / (h.length * w.length);
        found[at] = isMax ? best : sum * weight;
        taps[at] = (h.to - h.from) * (w.to - w.from) * weight;
        at++;
      }
    }
  }
  if (isMax) return { ...x, shape, codes: found };
  const size = channelsOf(shape);
  const unit = 1 / (x.scale * divisor);
  const terms = [{ sums: found, factors: new Float64Array(size).fill(unit) }];
  if (x.offset !== 0) terms.push({ sums: taps, factors: new Float64Array(size).fill(-x.offset * unit) });
  return { ...accumulatedOf(x), shape, terms, add: new Float64Array(size) };
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
