import type { LayerClass } from '@jacinto/net';
import { type LayerCase, runLayer, setUpLayer } from '@jacinto/net/testing';

/** A layer's first top, for tests of values worked out by hand; the gradient is not run. */
export async function topOf(layerClass: LayerClass, layerCase: LayerCase, top = 0): Promise<number[]> {
  const skip = { skip: 'values only' };
  const { tops } = await runLayer(layerClass, { gradient: skip, ...layerCase });
  return [...tops[top]!.data];
}

/** The message of the error that setting up and running a layer ends in, without the line in the case's text. */
export async function errorOf(layerClass: LayerClass, layerCase: LayerCase): Promise<string> {
  try {
    const run = await setUpLayer(layerClass, layerCase);
    await run.forward();
    await run.backward();
  } catch (error) {
    return (error as Error).message.replace(/^line 1: /, '');
  }
  return 'no error';
}

/** Bottom values in order: `values([1, 2], [0])`. */
export function values(...lists: number[][]): LayerCase['values'] {
  return Object.fromEntries(lists.map((list, i) => [i, { values: list }]));
}
