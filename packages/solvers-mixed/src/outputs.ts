import type { Net } from '@jacinto/net';
import type { OutputValue } from './events.ts';

/** Every number of the net's outputs, in the order in which Caffe numbers them. */
export async function readOutputs(net: Net): Promise<OutputValue[]> {
  const values: OutputValue[] = [];
  for (const { name, tensor, lossWeight } of net.outputs) {
    for (const value of await tensor.data.read()) values.push({ blob: name, value, lossWeight });
  }
  return values;
}
