import { blobValues } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { createToy, eventsOf, lossesOf, MemoryFiles, toySolver } from './testing/toy-solver.ts';

const prefix = { snapshot_prefix: '"run/toy"' };

describe('snapshots', () => {
  it('are written every `snapshot` iterations and after the last one, weights first', async () => {
    const { solver, events, files } = await createToy(toySolver({ ...prefix, snapshot: 4 }));
    await solver.solve();
    const names = [4, 8, 10].flatMap((n) => [`run/toy_iter_${n}.caffemodel`, `run/toy_iter_${n}.solverstate`]);
    expect([...files.content.keys()]).toEqual(names);
    expect(eventsOf(events, 'snapshot').map(({ file }) => file)).toEqual(names);
  });

  it('are not written twice for the last iteration, nor after training where that is off', async () => {
    const even = await createToy(toySolver({ ...prefix, snapshot: 5 }));
    await even.solver.solve();
    expect([...even.files.content.keys()].filter((name) => name.includes('_10.'))).toHaveLength(2);
    const off = await createToy(toySolver({ ...prefix, snapshot: 4, snapshot_after_train: false }));
    await off.solver.solve();
    expect(off.files.content.has('run/toy_iter_10.caffemodel')).toBe(false);
  });

  it('hold history and step as Caffe orders them', async () => {
    const fields = { ...prefix, type: '"Adam"', lr_policy: '"multistep"', gamma: 0.5, stepvalue: '[2, 4]' };
    const { solver, files } = await createToy(toySolver(fields));
    await solver.solve();
    const state = await files.readState('run/toy_iter_10.solverstate');
    expect([state.iter, state.currentStep, state.learnedNet]).toEqual([10, 2, 'run/toy_iter_10.caffemodel']);
    expect(state.history.map((blob) => blobValues(blob).length)).toEqual([3, 1, 3, 1]);
    expect(Math.min(...blobValues(state.history[2]!))).toBeGreaterThan(0);
  });

  it('store_blobs_in_old_format: as float lists, which BVLC Caffe reads', async () => {
    const { solver, files } = await createToy(toySolver({ ...prefix, store_blobs_in_old_format: true }));
    await solver.solve();
    const weights = (await files.readWeights('run/toy_iter_10.caffemodel')).layer.find(({ name }) => name === 'ip')!;
    expect([weights.blobs[0]!.data.length, weights.blobs[0]!.rawData]).toEqual([3, undefined]);
    expect((await files.readState('run/toy_iter_10.solverstate')).history[0]!.data.length).toBe(3);
  });

  it('snapshot_format HDF5: a resumed run gives the losses of one that was never stopped', async () => {
    const fields = { ...prefix, snapshot: 4, snapshot_format: 'HDF5', type: '"Adam"' };
    const { solver, events, files } = await createToy(toySolver(fields));
    await solver.solve();
    const names = [4, 8, 10].flatMap((n) => [`run/toy_iter_${n}.caffemodel.h5`, `run/toy_iter_${n}.solverstate.h5`]);
    expect([...files.content.keys()]).toEqual(names);
    const resumed = await createToy(toySolver(fields), { files, snapshot: names[1]! });
    await resumed.solver.solve();
    expect(lossesOf(resumed.events)).toEqual(lossesOf(events).filter(([iter]) => iter >= 4));
    const { layer } = await files.readWeights(names[4]!);
    expect(layer.map(({ name, blobs }) => [name, blobs.length])).toEqual([['ip', 2]]);
  });

  it('snapshot_diff keeps the gradients', async () => {
    const { solver, files } = await createToy(toySolver({ ...prefix, snapshot_diff: true }));
    await solver.solve();
    const [blob] = (await files.readWeights('run/toy_iter_10.caffemodel')).layer.find(
      ({ name }) => name === 'ip',
    )!.blobs;
    expect(blob!.rawDiff).toHaveLength(12);
  });

  it('a failed one leaves no state behind, and the earlier one whole', async () => {
    const { solver, files } = await createToy(toySolver({ ...prefix, snapshot: 4 }));
    files.refuse = /iter_8.caffemodel/;
    await expect(solver.solve()).rejects.toThrow('refused run/toy_iter_8.caffemodel');
    expect([...files.content.keys()]).toEqual(['run/toy_iter_4.caffemodel', 'run/toy_iter_4.solverstate']);
  });

  it('test_and_snapshot_last_epochs: a test, and a snapshot with its scores, as the last epochs begin', async () => {
    // 20 records an epoch, 4 a batch: 5 iterations an epoch
    const fields = { ...prefix, test_and_snapshot_last_epochs: 2, test_iter: 2, test_interval: 100, max_iter: 20 };
    const { solver, events, files } = await createToy(toySolver(fields));
    await solver.solve();
    const tested = eventsOf(events, 'tested');
    expect(tested.map(({ iter }) => iter)).toEqual([0, 16, 19]);
    const scored = [...files.content.keys()].filter((name) => name.includes('score'));
    expect(scored).toEqual(
      [1, 2].map((i) => {
        const { iter, outputs } = tested[i]!;
        return `run/toy_iter_${iter + 1}_score0_${Number(outputs[0]!.value.toPrecision(6))}.caffemodel`;
      }),
    );
    expect((await files.readState('run/toy_iter_17.solverstate')).learnedNet).toBe(scored[0]);
  });

  it('need a prefix', async () => {
    const { solver } = await createToy(toySolver());
    await expect(solver.snapshot()).rejects.toThrow('snapshot_prefix is missing: a snapshot has no name');
  });
});

describe('resuming', () => {
  const types = ['SGD', 'Nesterov', 'AdaGrad', 'RMSProp', 'AdaDelta', 'Adam'];
  it.each(types)('%s continues exactly: losses, smoothed losses, tests', async (type) => {
    const fields = {
      ...{ ...prefix, type: `"${type}"`, momentum: ['AdaGrad', 'RMSProp'].includes(type) ? undefined : 0.9 },
      ...{ lr_policy: '"multistep"', gamma: 0.5, stepvalue: '[2, 9]', average_loss: 3, max_iter: 20 },
      ...{ test_iter: 3, test_interval: 4, snapshot: 8 },
    };
    const whole = await createToy(toySolver(fields));
    await whole.solver.solve();
    const resumed = await createToy(toySolver(fields), { files: whole.files, snapshot: 'run/toy_iter_8.solverstate' });
    await resumed.solver.solve();
    const trace = (events: typeof whole.events) =>
      events.flatMap((event) => {
        if (event.type === 'iteration') return [[event.iter, event.loss, event.smoothedLoss, event.rate]];
        return event.type === 'tested' ? [['test', event.iter, event.outputs]] : [];
      });
    const expected = trace(whole.events);
    const start = expected.findIndex(([first, iter]) => first === 'test' && iter === 8);
    expect(start).toBeGreaterThan(8);
    expect(trace(resumed.events)).toEqual(expected.slice(start));
    expect(eventsOf(resumed.events, 'restored')).toMatchObject([{ iter: 8, exact: true }]);
  });

  it('continues exactly with random_seed: -1 too', async () => {
    const fields = { ...prefix, random_seed: -1, snapshot: 5 };
    const whole = await createToy(toySolver(fields));
    await whole.solver.solve();
    const resumed = await createToy(toySolver(fields), { files: whole.files, snapshot: 'run/toy_iter_5.solverstate' });
    await resumed.solver.solve();
    expect(lossesOf(resumed.events)).toEqual(lossesOf(whole.events).slice(5));
  });

  it('of a state that another Caffe wrote: data from the start, no test before the first iteration', async () => {
    const fields = { ...prefix, snapshot: 5, test_iter: 1, test_interval: 5, max_iter: 7 };
    const whole = await createToy(toySolver(fields));
    await whole.solver.solve();
    whole.files.forgetExactState('run/toy_iter_5.solverstate');
    const options = { files: whole.files, snapshot: 'run/toy_iter_5.solverstate' };
    const resumed = await createToy(toySolver(fields), options);
    await resumed.solver.solve();
    expect(eventsOf(resumed.events, 'tested')).toEqual([]);
    expect(lossesOf(resumed.events).map(([iter]) => iter)).toEqual([5, 6]);
    expect(lossesOf(resumed.events)).not.toEqual(lossesOf(whole.events).slice(5));
    const bvlc = await createToy(toySolver(fields), { ...options, compat: 'bvlc' });
    await bvlc.solver.solve();
    expect(eventsOf(bvlc.events, 'tested').map(({ iter }) => iter)).toEqual([5]);
  });

  it('finds weights that were moved beside the state', async () => {
    const { solver, files } = await createToy(toySolver(prefix));
    await solver.solve();
    for (const kind of ['caffemodel', 'solverstate']) {
      files.content.set(`moved/other.${kind}`, files.content.get(`run/toy_iter_10.${kind}`)!);
      files.content.delete(`run/toy_iter_10.${kind}`);
    }
    const resumed = await createToy(toySolver(prefix), { files, snapshot: 'moved/other.solverstate' });
    expect(resumed.solver.iter).toBe(10);
    const weights = ({ net }: typeof solver) => net.learnableParams.map(({ tensor }) => [...tensor.data.hostRead()]);
    expect(weights(resumed.solver)).toEqual(weights(solver));
  });

  it('refuses what does not fit, naming the file', async () => {
    const { solver, files } = await createToy(toySolver(prefix));
    await solver.solve();
    const snapshot = 'run/toy_iter_10.solverstate';
    await expect(createToy(toySolver({ type: '"Adam"' }), { files, snapshot })).rejects.toThrow(
      'run/toy_iter_10.solverstate: history has 2 arrays, but this solver keeps 4 (2 parameters, 2 each); resume with',
    );
    const other = Object.assign(new MemoryFiles(), { content: files.content });
    other.net = other.net
      .replace('num_output: 1', 'num_output: 1 bias_term: false')
      .replace(/param { lr_mult: 2[^}]*}/, '');
    await expect(createToy(toySolver(), { files: other, snapshot })).rejects.toThrow(
      'run/toy_iter_10.caffemodel: layer "ip" (InnerProduct): has 2 blobs',
    );
    await expect(createToy(toySolver(), { files, snapshot: 'run/toy_iter_10.caffemodel' })).rejects.toThrow(
      'run/toy_iter_10.caffemodel: is no solver state: it holds neither an iteration nor history; give the .solverstate',
    );
    files.content.delete('run/toy_iter_10.caffemodel');
    await expect(createToy(toySolver(), { files, snapshot })).rejects.toThrow(
      'run/toy_iter_10.solverstate: learned_net names weights that are not there; looked for run/toy_iter_10.caffemodel; put',
    );
    files.content.set('a.solverstate.h5', Uint8Array.of(1, 2, 3));
    await expect(createToy(toySolver(), { files, snapshot: 'a.solverstate.h5' })).rejects.toThrow(
      'a.solverstate.h5: is no HDF5 file, or is cut off',
    );
  });
});
