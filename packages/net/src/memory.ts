import { bytesPerValue, type SharedMemory, type Values } from '@jacinto/core-tensor';
import type { NetLayer } from './net-layer.ts';
import type { NetParam } from './params.ts';

/** Bytes of a net's values; memory that several blobs share is counted once. */
export interface NetMemory {
  /** Data of all blobs between layers (Caffe: "Memory required for data"). */
  data: number;
  /** Gradients of these that were used so far. */
  diff: number;
  /** Data of all learned blobs. */
  params: number;
  /** Gradients of these that were used so far. */
  paramDiffs: number;
}

export function memoryOf(layers: readonly NetLayer[], params: readonly NetParam[]): NetMemory {
  const tops = layers.flatMap((layer) => layer.tops);
  return {
    data: bytes(tops.map((top) => top.data)),
    diff: bytes(tops.map((top) => top.diff).filter((values) => values.isAllocated)),
    params: bytes(params.map(({ tensor }) => tensor.data)),
    paramDiffs: bytes(params.map(({ tensor }) => tensor.diff).filter((values) => values.isAllocated)),
  };
}

function bytes(all: readonly Values[]): number {
  let total = 0;
  const taken = new Set<Values | SharedMemory>();
  for (const values of all) {
    const memory = values.shared ?? values;
    if (taken.has(memory)) continue;
    taken.add(memory);
    total += values.shared?.byteLength ?? values.count * bytesPerValue[values.dataType];
  }
  return total;
}
