import { create, has, type NetParameter, type NetState, Phase, type SolverParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';

/** Where a net of the solver comes from: a field of the solver, with the net in place or the file to read. */
export interface NetSource {
  field: 'net' | 'net_param' | 'train_net' | 'train_net_param' | 'test_net' | 'test_net_param';
  file?: string;
  param?: NetParameter;
}

export interface TestNetSource extends NetSource {
  /** Batches of one test (its `test_iter`). */
  iterations: number;
  /** The `test_state` that belongs to it. */
  state?: NetState;
}

/**
 * The source of the train net (Caffe: Solver::InitTrainNet).
 * @throws CaffeError unless exactly one of net, net_param, train_net, train_net_param is given.
 */
export function trainNetSource(p: SolverParameter): NetSource {
  const given = [...specific(p), ...generic(p)];
  if (given.length === 1) return given[0]!;
  const names = given.map(({ field }) => field).join(' and ');
  throw new CaffeError({
    code: given.length === 0 ? 'missing' : 'bad-value',
    field: 'net',
    problem: given.length === 0 ? 'is missing: the solver names no net to train' : `: the solver gives ${names}`,
    fix: 'give exactly one of net, net_param, train_net, train_net_param',
  });
}

/**
 * The test nets in order (Caffe: Solver::InitTestNets): test_net_param, test_net, then the general net once for each
 * test_iter that is left.
 * @throws CaffeError where the numbers of test_iter, test_state and nets do not fit, or test_interval is missing.
 */
export function testNetSources(p: SolverParameter): TestNetSource[] {
  const general = generic(p)[0];
  const own: NetSource[] = [
    ...p.testNetParam.map((param): NetSource => ({ field: 'test_net_param', param })),
    ...p.testNet.map((file): NetSource => ({ field: 'test_net', file })),
  ];
  const iterations = p.testIter;
  if (general === undefined ? iterations.length !== own.length : iterations.length < own.length) {
    const wanted = general === undefined ? `exactly ${own.length}` : `at least ${own.length}`;
    throw new CaffeError({
      code: 'bad-value',
      field: 'test_iter',
      problem: `is given ${iterations.length} times for ${own.length} test nets`,
      fix: `give it ${wanted} times, once for each test net`,
    });
  }
  if (p.testState.length > 0 && p.testState.length !== iterations.length) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'test_state',
      problem: `is given ${p.testState.length} times for ${iterations.length} test nets`,
      fix: 'leave it out, or give it once for each test net',
    });
  }
  if (iterations.length > 0 && p.testInterval <= 0) {
    throw new CaffeError({
      code: 'missing',
      field: 'test_interval',
      problem: `is ${p.testInterval}, but the solver has test nets`,
      fix: 'use the number of iterations between two tests, 1 or more',
    });
  }
  const unusable = iterations.find((count) => count < 1);
  if (unusable !== undefined) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'test_iter',
      problem: `is ${unusable}`,
      fix: 'use the number of batches of one test, 1 or more',
    });
  }
  return iterations.map((count, index) => ({
    ...(own[index] ?? general!),
    iterations: count,
    state: p.testState[index],
  }));
}

/** The state of the train net: phase TRAIN, then the net's own state, then train_state; later ones win, stages add up. */
export function trainState(net: NetParameter, p: SolverParameter): NetState {
  return mergedState(Phase.TRAIN, [net.state, p.trainState]);
}

/** The state of a test net: phase TEST, then the net's own state, then its test_state. */
export function testState(net: NetParameter, source: TestNetSource): NetState {
  return mergedState(Phase.TEST, [net.state, source.state]);
}

function mergedState(phase: number, states: readonly (NetState | undefined)[]): NetState {
  const merged = create('NetState', { phase });
  for (const state of states) {
    if (state === undefined) continue;
    if (has(state, 'phase')) merged.phase = state.phase;
    if (has(state, 'level')) merged.level = state.level;
    merged.stage = [...merged.stage, ...state.stage];
  }
  return merged;
}

function specific(p: SolverParameter): NetSource[] {
  const sources: NetSource[] = [];
  if (p.trainNetParam !== undefined) sources.push({ field: 'train_net_param', param: p.trainNetParam });
  if (p.trainNet !== undefined) sources.push({ field: 'train_net', file: p.trainNet });
  return sources;
}

function generic(p: SolverParameter): NetSource[] {
  const sources: NetSource[] = [];
  if (p.netParam !== undefined) sources.push({ field: 'net_param', param: p.netParam });
  if (p.net !== undefined) sources.push({ field: 'net', file: p.net });
  return sources;
}
