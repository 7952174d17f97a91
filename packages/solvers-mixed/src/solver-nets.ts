import type { Backend } from '@jacinto/core-tensor';
import { type LayerRegistry, Net } from '@jacinto/net';
import { create, has, type NetParameter, type NetState, type SolverParameter } from '@jacinto/proto';
import type { Compat } from './compat.ts';
import type { SolverEvent } from './events.ts';
import type { SolverFiles } from './files.ts';
import { locatedIn } from './located.ts';
import {
  type NetSource,
  type TestNetSource,
  testNetSources,
  testState,
  trainNetSource,
  trainState,
} from './net-sources.ts';

export interface TestNet {
  net: Net;
  source: TestNetSource;
}

/** What the nets of a solver need of it. */
export interface SolverNetsContext {
  backend: Backend;
  registry: LayerRegistry;
  files: SolverFiles;
  baseFolder?: string;
  /** Undefined: each net draws its own. */
  seed: number | undefined;
  iteration: () => number;
  gradientScale: () => number;
  compat: Compat;
  /** Of `NetOptions`. */
  fusion: boolean | undefined;
  emit: (event: SolverEvent) => void;
}

/** Builds the train net. */
export async function createTrainNet(p: SolverParameter, context: SolverNetsContext): Promise<Net> {
  const source = locatedIn(p, () => trainNetSource(p));
  context.emit({ type: 'creating-net', role: 'train', source });
  const param = await paramOf(source, context);
  return build(param, trainState(param, p), p, context, 'train', 0);
}

/** Builds the test nets in order; they use the train net's weights from the start. */
export async function createTestNets(
  p: SolverParameter,
  trainNet: Net,
  context: SolverNetsContext,
): Promise<TestNet[]> {
  const nets: TestNet[] = [];
  try {
    for (const [index, source] of locatedIn(p, () => testNetSources(p)).entries()) {
      context.emit({ type: 'creating-net', role: 'test', index, source });
      const param = await paramOf(source, context);
      const net = await build(param, testState(param, source), p, context, 'test', index, trainNet);
      nets.push({ source, net });
    }
    return nets;
  } catch (error) {
    for (const { net } of nets) await net.dispose();
    throw error;
  }
}

async function paramOf({ file, param }: NetSource, { files }: SolverNetsContext): Promise<NetParameter> {
  return param ?? (await files.readNet(file!));
}

function build(
  param: NetParameter,
  state: NetState,
  p: SolverParameter,
  context: SolverNetsContext,
  role: 'train' | 'test',
  index: number,
  weightsFrom?: Net,
): Promise<Net> {
  const { backend, registry, baseFolder, seed, iteration, gradientScale, compat, fusion, emit } = context;
  const net = Object.assign(create('NetParameter'), param);
  net.state = state;
  if (p.debugInfo && !has(net, 'debugInfo')) net.debugInfo = true;
  return Net.create(net, {
    backend,
    registry,
    seed,
    iteration,
    gradientScale: role === 'train' ? gradientScale : () => 1,
    baseFolder,
    weightsFrom,
    compat: compat === 'caffe-jacinto-0.17' ? compat : undefined,
    fusion,
    onEvent: (event) => emit({ type: 'net', role, index, event }),
  });
}
