import type { Backend, Values } from '@jacinto/core-tensor';
import type { Net, NetPlan, PlanStep } from '@jacinto/net';
import type { LayerCost } from './layer-meter.ts';

/** A net's plan as a table, one line a layer, and its memory; `costs`: of one pass over the net as it is now. */
export function planTable(net: Net, plan: NetPlan, costs: readonly LayerCost[]): string {
  const counts = costs.some(({ handedOver }) => handedOver !== undefined);
  const head = ['layer', 'type', 'operations', 'fused', 'output', 'layout', 'KiB', ...(counts ? ['handed over'] : [])];
  const seen = new Set<number>();
  const rows = plan.steps.map((step) => {
    const [top] = step.tops;
    let bytes = 0;
    for (const { memory, bytes: own } of step.tops) {
      if (!seen.has(memory)) bytes += own;
      seen.add(memory);
    }
    const tensor = net.layers[step.index]!.tops[0];
    return [
      ...[step.layer, step.type, step.operations.join(', ') || '-', fusedText(step)],
      ...[top?.shape.join('x') ?? '-', tensor === undefined ? '-' : layoutOf(net.backend, tensor.data)],
      bytes === 0 ? '-' : kib(bytes),
      ...(counts ? [String(costs[step.index]!.handedOver || '-')] : []),
    ];
  });
  const { alone, reused } = plan.memory;
  const memory = `Blobs: ${kib(alone)} KiB; taking turns, as in caffe test: ${kib(reused)} KiB.`;
  return `Plan on the ${plan.backend} backend:\n${aligned([head, ...rows])}${memory}\n`;
}

const kib = (bytes: number): string => (bytes / 1024).toFixed(bytes < 10_240 ? 1 : 0);

function fusedText({ does, doneBy }: PlanStep): string {
  const [fusion, verb] = does !== undefined ? [does, 'does'] : [doneBy, 'by'];
  if (fusion === undefined) return '-';
  return `${verb} ${fusion.layer}${fusion.backward ? '' : ' (forward)'}`;
}

/** How the backend holds values now: in words of its own, or plain. */
function layoutOf(backend: Backend, values: Values): string {
  return (backend as { layoutOf?(values: Values): string | undefined }).layoutOf?.(values) ?? 'plain';
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd();
  return rows.map((row) => `${line(row)}\n`).join('');
}
