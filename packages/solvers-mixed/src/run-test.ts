import type { Net } from '@jacinto/net';
import type { OutputValue } from './events.ts';
import { readOutputs } from './outputs.ts';
import { yieldToEvents } from './yield-to-events.ts';

export interface TestResult {
  /** Means over the batches. */
  outputs: OutputValue[];
  /** Mean of the net's loss. */
  loss: number;
}

export interface TestOptions {
  batches: number;
  /** Asked before each batch. */
  isStopped?: () => boolean;
  onBatch?: (batch: number) => void;
}

/** Runs a net over some batches and averages its outputs (Caffe: Solver::Test); undefined where it was stopped. */
export async function runTest(net: Net, { batches, isStopped, onBatch }: TestOptions): Promise<TestResult | undefined> {
  let sums: OutputValue[] = [];
  let loss = 0;
  for (let batch = 0; batch < batches; batch++) {
    await yieldToEvents();
    if (isStopped?.()) return undefined;
    loss += await net.forward();
    const outputs = await readOutputs(net);
    sums = batch === 0 ? outputs : sums.map((sum, i) => ({ ...sum, value: sum.value + (outputs[i]?.value ?? 0) }));
    onBatch?.(batch);
  }
  return {
    outputs: sums.map((sum) => ({ ...sum, value: sum.value / batches })),
    loss: loss / batches,
  };
}
