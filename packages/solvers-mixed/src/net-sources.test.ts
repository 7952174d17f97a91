import { create, type DeepPartial, type SolverParameter } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { testNetSources, testState, trainNetSource, trainState } from './net-sources.ts';

const solver = (fields: DeepPartial<SolverParameter>) => create('SolverParameter', fields);

describe('the train net', () => {
  it('comes from the one field that is given', () => {
    expect(trainNetSource(solver({ net: 'a.prototxt' }))).toEqual({ field: 'net', file: 'a.prototxt' });
    expect(trainNetSource(solver({ trainNetParam: { name: 'x' } })).param?.name).toBe('x');
  });

  it('must be given once', () => {
    expect(() => trainNetSource(solver({}))).toThrow(
      'net is missing: the solver names no net to train; give exactly one of net, net_param, train_net, train_net_param',
    );
    expect(() => trainNetSource(solver({ net: 'a', trainNet: 'b' }))).toThrow('the solver gives train_net and net');
  });

  it('has the state TRAIN, then the net’s own, then train_state', () => {
    const net = create('NetParameter', { state: { level: 1, stage: ['a'] } });
    const state = trainState(net, solver({ trainState: { level: 2, stage: ['b'] } }));
    expect(state).toMatchObject({ phase: 0, level: 2, stage: ['a', 'b'] });
  });
});

describe('the test nets', () => {
  it('are test_net_param, test_net, then the general net for each test_iter left', () => {
    const p = solver({
      net: 'general',
      testNet: ['own'],
      testNetParam: [{ name: 'inline' }],
      testIter: [1, 2, 3, 4],
      testInterval: 5,
    });
    expect(testNetSources(p).map(({ field, file, iterations }) => [field, file, iterations])).toEqual([
      ['test_net_param', undefined, 1],
      ['test_net', 'own', 2],
      ['net', 'general', 3],
      ['net', 'general', 4],
    ]);
  });

  it('have the state TEST, then the net’s own, then their test_state', () => {
    const p = solver({ net: 'x', testIter: [1, 1], testInterval: 1, testState: [{ stage: ['a'] }, { stage: ['b'] }] });
    const states = testNetSources(p).map((source) => testState(create('NetParameter'), source));
    expect(states.map(({ phase, stage }) => [phase, ...stage])).toEqual([
      [1, 'a'],
      [1, 'b'],
    ]);
  });

  it.each([
    [
      { net: 'x', testNet: ['y'], testInterval: 1 },
      'test_iter is given 0 times for 1 test nets; give it at least 1 times, once for each test net',
    ],
    [
      { trainNet: 'x', testNet: ['y'], testIter: [1, 2], testInterval: 1 },
      'test_iter is given 2 times for 1 test nets; give it exactly 1 times, once for each test net',
    ],
    [
      { net: 'x', testIter: [1, 2], testInterval: 1, testState: [{}] },
      'test_state is given 1 times for 2 test nets; leave it out, or give it once for each test net',
    ],
    [{ net: 'x', testIter: [1] }, 'test_interval is 0, but the solver has test nets'],
    [{ net: 'x', testIter: [0], testInterval: 1 }, 'test_iter is 0; use the number of batches of one test, 1 or more'],
  ])('refuses %j', (fields, message) => {
    expect(() => testNetSources(solver(fields))).toThrow(message);
  });
});
