import type { Values } from '@jacinto/core-tensor';
import type { NetEvent } from './events.ts';
import type { NetLayer } from './net-layer.ts';
import type { NetParam } from './params.ts';

type Emit = (event: NetEvent) => void;

const line = (emit: Emit, text: string): void => emit({ type: 'debug-info', line: text });

/** A number as C++ streams print it: 6 significant digits, short. */
function printed(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  if (value === 0) return '0';
  const [mantissa, exponentText] = value.toExponential(5).split('e') as [string, string];
  const exponent = Number(exponentText);
  const trim = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);
  if (exponent >= -4 && exponent < 6) return trim(value.toFixed(5 - exponent));
  return `${trim(mantissa)}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

async function sums(values: Values): Promise<{ asum: number; sumsq: number; mean: number }> {
  const list = await values.read();
  let asum = 0;
  let sumsq = 0;
  for (let i = 0; i < list.length; i++) {
    asum += Math.abs(list[i]!);
    sumsq += list[i]! * list[i]!;
  }
  return { asum, sumsq, mean: list.length === 0 ? 0 : asum / list.length };
}

const mean = async (values: Values): Promise<string> => printed((await sums(values)).mean);

/** Mean |x| of a layer's tops and params after its forward (Caffe: Net::ForwardDebugInfo). */
export async function debugForward(layer: NetLayer, params: readonly NetParam[], emit: Emit): Promise<void> {
  line(emit, `[Forward] Layer ${layer.name}`);
  for (const [j, top] of layer.tops.entries()) {
    line(emit, ` -> top blob ${layer.topNames[j]}, count: ${top.count} data: ${await mean(top.data)}`);
  }
  for (const [i, blob] of layer.layer.blobs.entries()) {
    const name = params.find(({ tensor }) => tensor === blob)?.displayName ?? String(i);
    line(emit, ` -> param blob ${name}, count: ${blob.count} data: ${await mean(blob.data)}`);
  }
}

/** Mean |gradient| of a layer's bottoms and params after its backward (Caffe: Net::BackwardDebugInfo). */
export async function debugBackward(layer: NetLayer, emit: Emit): Promise<void> {
  line(emit, `[Backward] Layer ${layer.name}`);
  for (const [i, bottom] of layer.bottoms.entries()) {
    if (!layer.propagateDown[i]) continue;
    line(emit, ` -> bottom blob ${layer.bottomNames[i]}, count: ${bottom.count}, diff: ${await mean(bottom.diff)}`);
  }
  for (const [i, blob] of layer.layer.blobs.entries()) {
    if (!(layer.layer.paramPropagateDown[i] ?? true)) continue;
    line(emit, ` -> param blob ${i}, count: ${blob.count}, diff: ${await mean(blob.diff)}`);
  }
}

/** Norms of all params and their gradients after backward. */
export async function debugBackwardEnd(params: readonly NetParam[], emit: Emit): Promise<void> {
  const data = { asum: 0, sumsq: 0 };
  const diff = { asum: 0, sumsq: 0 };
  for (const { tensor } of params) {
    for (const [total, values] of [
      [data, tensor.data],
      [diff, tensor.diff],
    ] as const) {
      const { asum, sumsq } = await sums(values);
      total.asum += asum;
      total.sumsq += sumsq;
    }
  }
  const l1 = `L1 norm = (${printed(data.asum)}, ${printed(diff.asum)})`;
  const l2 = `L2 norm = (${printed(Math.sqrt(data.sumsq))}, ${printed(Math.sqrt(diff.sumsq))})`;
  line(emit, `    [Backward] All net params (data, diff): ${l1}; ${l2}`);
}
