import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createCpuBackend } from '@jacinto/core-tensor';
import type { NetParameter } from '@jacinto/proto';

/** Values of a net's outputs, and of the bottoms of layers that make outputs, by blob name. */
export type NetOutputs = Map<string, Float32Array>;

/** Runs one forward pass in the TEST phase; Input layers get values that depend on `seed` and the blob's name only. */
export type RunNet = (net: NetParameter, weights: NetParameter, seed: number) => Promise<NetOutputs>;

interface Values {
  hostWrite(): Float32Array;
  read(): ArrayLike<number> | Promise<ArrayLike<number>>;
}

interface NamedTensor {
  name: string;
  tensor: { data: Values };
}

/** What is used of a Net of `@jacinto/net`. */
export interface RunningNet {
  inputs: readonly NamedTensor[];
  outputs: readonly NamedTensor[];
  layers: readonly {
    type: string;
    bottomNames: readonly string[];
    topNames: readonly string[];
    bottoms: readonly { data: Values }[];
  }[];
  forward(): unknown;
}

interface BuiltNet extends RunningNet {
  copyTrainedFrom(weights: NetParameter): void;
  dispose(): Promise<void>;
}

interface NetClass {
  create(net: NetParameter, options: object): Promise<BuiltNet>;
}

interface Modules {
  Net: NetClass;
  registry: unknown;
}

/**
 * Finds what runs nets: `@jacinto/caffe` (every layer, data layers too), else `@jacinto/net` with `@jacinto/layers`;
 * beside this package or in `folder`. Undefined where neither is installed.
 */
export async function findRunNet(folder: string): Promise<RunNet | undefined> {
  const modules = await findModules(folder);
  return modules === undefined ? undefined : runner(modules);
}

async function findModules(folder: string): Promise<Modules | undefined> {
  const caffe = await load('@jacinto/caffe', folder);
  if (caffe !== undefined)
    return { Net: caffe['Net'] as NetClass, registry: (caffe['createRegistry'] as () => unknown)() };
  const net = await load('@jacinto/net', folder);
  const layers = await load('@jacinto/layers', folder);
  if (net === undefined || layers === undefined) return undefined;
  const Registry = net['LayerRegistry'] as new (layers: unknown) => unknown;
  return { Net: net['Net'] as NetClass, registry: new Registry(layers['standardLayers']) };
}

async function load(name: string, folder: string): Promise<Record<string, unknown> | undefined> {
  try {
    return (await import(name)) as Record<string, unknown>;
  } catch {
    // not beside this package
  }
  try {
    const path = createRequire(join(folder, 'any.js')).resolve(name);
    return (await import(pathToFileURL(path).href)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function runner({ Net, registry }: Modules): RunNet {
  return async (message, weights, seed) => {
    const backend = await createCpuBackend();
    try {
      const net = await Net.create(message, { backend, registry, phase: 1, seed });
      try {
        net.copyTrainedFrom(weights);
        return await outputsFor(net, seed);
      } finally {
        await net.dispose();
      }
    } finally {
      await backend.dispose();
    }
  };
}

/** Fills the inputs of a built net with whole numbers that depend on `seed` and their names only, runs it, and reads it. */
export async function outputsFor(net: RunningNet, seed: number): Promise<NetOutputs> {
  for (const { name, tensor } of net.inputs) fillInput(tensor.data.hostWrite(), seed + hash(name));
  await net.forward();
  return outputsOf(net);
}

async function outputsOf(net: RunningNet): Promise<NetOutputs> {
  const values: NetOutputs = new Map();
  const add = async (name: string, data: Values) => void values.set(name, Float32Array.from(await data.read()));
  const names = new Set(net.outputs.map(({ name }) => name));
  const inputs = new Set(net.inputs.map(({ name }) => name));
  for (const { name, tensor } of net.outputs) await add(name, tensor.data);
  // An accuracy alone would hide differences: what it is made of is compared as well.
  for (const layer of net.layers) {
    if (layer.type === 'BatchNorm' || layer.type === 'Scale' || !layer.topNames.some((name) => names.has(name)))
      continue;
    for (const [j, name] of layer.bottomNames.entries())
      if (!values.has(name) && !inputs.has(name)) await add(name, layer.bottoms[j]!.data);
  }
  return values;
}

/** Whole numbers 0 to 255, as pixels are. */
function fillInput(values: Float32Array, seed: number): void {
  let state = seed >>> 0;
  for (let i = 0; i < values.length; i++) {
    state = (state + 0x6d2b79f5) >>> 0; // mulberry32
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    values[i] = ((t ^ (t >>> 14)) >>> 0) % 256;
  }
}

function hash(text: string): number {
  let value = 0;
  for (let i = 0; i < text.length; i++) value = (Math.imul(value, 31) + text.charCodeAt(i)) >>> 0;
  return value;
}
