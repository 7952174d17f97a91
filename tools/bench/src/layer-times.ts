import { readFileSync } from 'node:fs';
import type { Net } from '@jacinto/net';
import { median } from './measure.ts';

/** Milliseconds by layer name. */
export type LayerTimes = Record<string, number>;

const passes = 15;

/** Milliseconds of each layer in our net in the passes from now on, until stopped; fused as when nobody looks. */
export function watchLayers(net: Net): { samples: ReadonlyMap<string, number[]>; stop(): void } {
  const samples = new Map<string, number[]>();
  let start = 0;
  let on = true;
  net.use({
    ignoresBlobs: true,
    beforeLayerForward() {
      start = performance.now();
    },
    afterLayerForward({ name }) {
      if (!on) return;
      const own = samples.get(name) ?? [];
      own.push(performance.now() - start);
      samples.set(name, own);
    },
  });
  return {
    samples,
    stop() {
      on = false;
    },
  };
}

/** Median milliseconds of each layer in our net, over some forward passes. */
export async function ourLayerTimes(net: Net, run: () => Promise<void>): Promise<LayerTimes> {
  const { samples, stop } = watchLayers(net);
  for (let i = 0; i < passes; i++) await run();
  stop();
  return Object.fromEntries([...samples].map(([name, times]) => [name, median(times)]));
}

interface ProfileEvent {
  cat: string;
  name: string;
  dur: number;
}

/** Median milliseconds of each node, from the file that ONNX Runtime's profiler wrote. */
export function onnxLayerTimes(file: string): LayerTimes {
  const samples = new Map<string, number[]>();
  for (const { cat, name, dur } of JSON.parse(readFileSync(file, 'utf8')) as ProfileEvent[]) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time')) continue;
    const node = name.slice(0, -'_kernel_time'.length);
    samples.set(node, [...(samples.get(node) ?? []), dur / 1000]);
  }
  return Object.fromEntries([...samples].map(([name, times]) => [name, median(times)]));
}

/** A table of layers in the net's order, each with the ReLU behind it, for many runners fuse the two. */
export function layerLines(runners: readonly (readonly [name: string, times: LayerTimes])[]): string[] {
  const columns = runners.map(([name, times]) => ({ name, times: withoutSuffixes(times) }));
  const names = [...new Set(columns.flatMap(({ times }) => [...times.keys()]))];
  const line = (layer: string, cells: readonly string[]) =>
    `  ${layer.padEnd(28)}${cells.map((cell, i) => cell.padStart(columns[i]!.name.length + 2)).join('')}`;
  const body = names.map((name) =>
    line(
      name,
      columns.map(({ times }) => times.get(name)?.toFixed(3) ?? '–'),
    ),
  );
  return [
    line(
      'milliseconds',
      columns.map(({ name }) => name),
    ),
    ...body,
  ];
}

/** Sums under the layers' own names: without ReLUs and what ONNX Runtime adds to nodes whose layout it changes. */
function withoutSuffixes(times: LayerTimes): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, time] of Object.entries(times)) {
    const bare = name.replace(/_nchwc$/, '').replace(/\/(relu|Gemm)$/, '');
    sums.set(bare, (sums.get(bare) ?? 0) + time);
  }
  return sums;
}
