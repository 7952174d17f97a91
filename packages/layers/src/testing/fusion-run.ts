import { type Backend, RandomStream } from '@jacinto/core-tensor';
import { LayerRegistry, Net, type NetOptions } from '@jacinto/net';
import { type NetParameter, Phase } from '@jacinto/proto';
import { standardLayers } from '../list.ts';

/** What one pass through a net has left: its loss, data of blobs, and gradients of params. */
export type Outcome = Map<string, Float32Array>;

export interface FusionRun {
  backend: Backend;
  phase?: keyof typeof Phase;
  fusion?: boolean;
  options?: Partial<NetOptions>;
  /** Writes the inputs; default: labels 0 and 1 in turn, all else normal numbers. */
  inputs?: (net: Net) => void;
  backward?: boolean;
}

const registry = new LayerRegistry(standardLayers);

export function buildNet(net: NetParameter, { backend, phase = 'TRAIN', fusion, options }: FusionRun): Promise<Net> {
  return Net.create(net, { backend, registry, phase: Phase[phase], seed: 1, fusion, ...options });
}

/** Builds a net, runs it forward and, where asked (default: in TRAIN), backward, and keeps what came out. */
export async function runNet(param: NetParameter, run: FusionRun): Promise<Outcome> {
  const net = await buildNet(param, run);
  (run.inputs ?? fillInputs)(net);
  const outcome = await pass(net, run.backward ?? net.phase === Phase.TRAIN);
  await net.dispose();
  return outcome;
}

/** Inputs as above; running variances of 1, for those of an untrained net are 0 and would leave nothing but NaN. */
export function fillInputs(net: Net, stream = 99): void {
  for (const { type, layer } of net.layers) {
    if (type === 'BatchNorm') layer.blobs[1]!.data.hostWrite<Float32Array>().fill(1);
  }
  const random = new RandomStream(1, stream);
  for (const { name, tensor } of net.inputs) {
    const values = tensor.data.hostWrite<Float32Array>();
    for (let i = 0; i < values.length; i++) values[i] = /label/.test(name) ? i % 2 : random.gaussian(0, 1);
  }
}

export async function pass(net: Net, backward: boolean): Promise<Outcome> {
  const outcome: Outcome = new Map([['loss', Float32Array.of(await net.forward())]]);
  if (backward) {
    net.clearParamDiffs();
    await net.backward();
  }
  for (const [name, tensor] of net.blobs) outcome.set(`blob ${name}`, new Float32Array(await tensor.data.read()));
  for (const { layer, name } of net.layers) {
    for (const [i, blob] of layer.blobs.entries()) {
      outcome.set(`param ${name}[${i}]`, new Float32Array(await blob.data.read()));
      if (backward) outcome.set(`gradient of ${name}[${i}]`, new Float32Array(await blob.diff.read()));
    }
  }
  return outcome;
}

/** The largest difference of two outcomes, each relative to its array's largest value, and where it is. */
export function difference(a: Outcome, b: Outcome): { worst: number; where: string } {
  let found = { worst: 0, where: 'nowhere' };
  for (const [where, worst] of differences(a, b)) if (worst > found.worst) found = { worst, where };
  return found;
}

/**
 * The difference of each array of `a` from that of `b`, relative to the latter's largest value, or to that share of the
 * largest of its kind (blobs, params, gradients): an array of sums that cancel is nothing but rounding.
 */
export function differences(a: Outcome, b: Outcome, share = 0): Map<string, number> {
  const kindOf = (where: string): string => where.slice(0, where.indexOf(' '));
  const most = new Map<string, number>();
  for (const [where, values] of share === 0 ? [] : b) {
    let largest = most.get(kindOf(where)) ?? 0;
    for (const value of values) largest = Math.max(largest, Math.abs(value));
    most.set(kindOf(where), largest);
  }
  const all = new Map<string, number>();
  for (const [where, mine] of a) {
    const theirs = b.get(where)!;
    let largest = share * (most.get(kindOf(where)) ?? 0);
    let apart = 0;
    for (let i = 0; i < mine.length; i++) {
      if (Object.is(mine[i], theirs[i])) continue;
      largest = Math.max(largest, Math.abs(theirs[i]!));
      apart = Math.max(apart, Math.abs(mine[i]! - theirs[i]!));
    }
    for (const value of theirs) largest = Math.max(largest, Math.abs(value));
    const worst = apart === 0 ? 0 : Number.isFinite(apart / largest) ? apart / largest : Number.POSITIVE_INFINITY;
    all.set(where, worst);
  }
  return all;
}
