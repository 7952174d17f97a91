import { describe, expect, it } from 'vitest';
import type { SolverEvent } from './events.ts';
import { createToy, eventsOf, toySolver } from './testing/toy-solver.ts';

const tested = (events: readonly SolverEvent[]) =>
  eventsOf(events, 'testing').map(({ iter, net, batches }) => [iter, net, batches]);
const testing = { test_iter: 3, test_interval: 4, max_iter: 8 };

describe('tests during training', () => {
  it('one batch at iteration 0, then every test_interval, and at the end', async () => {
    const { solver, events } = await createToy(toySolver(testing));
    await solver.solve();
    expect(tested(events)).toEqual([
      [0, 0, 1],
      [4, 0, 3],
      [8, 0, 3],
    ]);
    const [first, second] = eventsOf(events, 'tests-completed');
    expect([first!.initial, second!.initial]).toEqual([true, false]);
  });

  it.each([
    [{ test_initialization: true }, {}, [[0, 0, 3]]],
    [{ test_initialization: false }, {}, []],
    [{}, { compat: 'bvlc' as const }, [[0, 0, 3]]],
    [{ test_initialization: false }, { compat: 'bvlc' as const }, []],
  ])('at iteration 0: %j %j', async (fields, options, expected) => {
    const { solver, events } = await createToy(toySolver({ ...testing, ...fields }), options);
    await solver.step(1);
    expect(tested(events)).toEqual(expected);
  });

  it('several test nets, each with its test_iter', async () => {
    const { solver, events } = await createToy(toySolver({ ...testing, test_iter: '[3, 2]' }));
    await solver.step(1);
    await solver.testAll();
    expect(tested(events)).toEqual([
      [0, 0, 1],
      [0, 1, 1],
      [1, 0, 3],
      [1, 1, 2],
    ]);
  });

  it('use the train net’s weights, and give the mean over the batches', async () => {
    const { solver } = await createToy(toySolver(testing));
    await solver.step(3);
    const result = (await solver.test())!;
    expect(solver.testNets[0]!.learnableParams[0]!.tensor.data).toBe(solver.net.learnableParams[0]!.tensor.data);
    const [net] = solver.testNets;
    let sum = 0;
    net!.restoreState({ ...net!.saveState(), layers: { data: { position: 4 } } });
    for (let i = 0; i < 3; i++) sum += await net!.forward();
    expect(result.outputs).toEqual([{ blob: 'loss', value: expect.closeTo(sum / 3, 6), lossWeight: 1 }]);
    expect(result.loss).toBeCloseTo(sum / 3, 6);
  });

  it('test_compute_loss reports the loss', async () => {
    const { solver, events } = await createToy(toySolver({ ...testing, test_compute_loss: true }));
    await solver.testAll();
    const [event] = eventsOf(events, 'tested');
    expect(event!.loss).toBeCloseTo(event!.outputs[0]!.value, 6);
  });

  it('there is no test net 1', async () => {
    const { solver } = await createToy(toySolver(testing));
    await expect(solver.test(1)).rejects.toThrow('there is no test net 1: the solver has 1');
  });
});

describe('requests from outside', () => {
  it('requestStop ends after the iteration, with the snapshot after training', async () => {
    const { solver, events, files } = await createToy(toySolver({ snapshot_prefix: '"s"' }), {
      plugins: [{ afterUpdate: (at) => (at.iter === 3 ? at.requestStop() : undefined) }],
    });
    await solver.solve();
    expect(solver.iter).toBe(4);
    expect(events.at(-1)).toEqual({ type: 'stopped-early', iter: 4 });
    expect([...files.content.keys()]).toEqual(['s_iter_4.caffemodel', 's_iter_4.solverstate']);
    await solver.solve();
    expect(solver.iter).toBe(10);
  });

  it('requestStop ends a test, which a resumed run then makes anew', async () => {
    const { solver, events } = await createToy(toySolver({ ...testing, test_iter: 50 }), {
      onEvent: undefined,
    });
    await solver.step(1);
    const before = solver.testNets[0]!.saveState();
    setImmediate(() => solver.requestStop());
    expect(await solver.test()).toBeUndefined();
    expect(events).toEqual([]);
    expect(solver.testNets[0]!.saveState()).toEqual(before);
  });

  it('requestSnapshot writes one after the iteration, and goes on', async () => {
    const { solver, files } = await createToy(toySolver({ snapshot_prefix: '"s"', snapshot_after_train: false }), {
      plugins: [{ afterUpdate: (at) => (at.iter === 3 ? at.requestSnapshot() : undefined) }],
    });
    await solver.solve();
    expect(solver.iter).toBe(10);
    expect([...files.content.keys()]).toEqual(['s_iter_4.caffemodel', 's_iter_4.solverstate']);
  });
});
