import { Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { create, type DeepPartial, type SolverParameter, SparseMode } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import {
  countZeros,
  type SparsityEvent,
  type SparsityOptions,
  SparsityPlugin,
  sparsityLog,
  sparsityPlugin,
} from './index.ts';
import { randomFrom } from './testing/random.ts';

const backend = createReferenceBackend();

/** A "solver" of two convolutions whose update pushes every weight a little. */
function toy(fields: DeepPartial<SolverParameter>, options: SparsityOptions = {}) {
  const { normal } = randomFrom(9);
  const layers = ['a', 'b'].map((name) => {
    const weights = new Tensor(backend, [32, 32, 3, 3]);
    const values = weights.data.hostWrite<Float32Array>();
    for (let i = 0; i < values.length; i++) values[i] = normal() * 0.05;
    return { name, type: 'Convolution', layer: { blobs: [weights], layerParam: create('LayerParameter', { name }) } };
  });
  const param = create('SolverParameter', { sparseMode: SparseMode.SPARSE_UPDATE, maxIter: 10, ...fields });
  const events: SparsityEvent[] = [];
  const plugin = sparsityPlugin(param, { onEvent: (event) => events.push(event), ...options })!;
  const solver = { iter: 0, param, net: { layers } };
  const step = async (): Promise<void> => {
    await plugin.beforeIteration(solver);
    for (const { layer } of layers) {
      const values = layer.blobs[0]!.data.hostUpdate<Float32Array>();
      for (let i = 0; i < values.length; i++) values[i]! += normal() * 0.01;
    }
    await plugin.afterUpdate(solver);
    solver.iter++;
  };
  const values = (index: number) => layers[index]!.layer.blobs[0]!.data.hostRead<Float32Array>();
  const zeros = () => layers.map((_, i) => countZeros(values(i)) / 9216);
  return { plugin, solver, events, step, values, zeros };
}

const induce = {
  sparsityTarget: 0.5,
  sparsityStartFactor: 0.2,
  sparsityStepFactor: 0.1,
  sparsityStepIter: 2,
  sparsityThresholdMaxratio: 1,
  sparsityThresholdValueMax: 1,
};

describe('the plug-in', () => {
  it('does nothing where nothing is asked', () => {
    expect(sparsityPlugin(create('SolverParameter'))).toBeUndefined();
    expect(sparsityPlugin(create('SolverParameter', { displaySparsity: 5 }))).toBeInstanceOf(SparsityPlugin);
  });

  it('makes zeros step by step, and those once made stay', async () => {
    const { step, zeros, values, events } = toy(induce);
    let before: Float32Array | undefined;
    const seen: number[] = [];
    for (let i = 0; i < 10; i++) {
      await step();
      seen.push(Math.round(zeros()[0]! * 100) / 100);
      if (before !== undefined) expect(before.every((value, j) => value !== 0 || values(0)[j] === 0)).toBe(true);
      before = values(0).slice();
    }
    expect(seen).toEqual([0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5, 0.5, 0.5]);
    expect(events.filter(({ type }) => type === 'finding').length).toBe(4); // half are 0 by then
  });

  it('as 0.17, zeros can come back', async () => {
    const { step, values } = toy({ ...induce, sparsityStepFactor: 0 }, { compat: 'caffe-jacinto-0.17' });
    await step();
    const before = values(0).slice();
    await step();
    await step();
    expect(before.some((value, i) => value === 0 && values(0)[i] !== 0)).toBe(true);
  });

  it('freezes: zeros of the start stay, none are made', async () => {
    const { step, values, zeros, events } = toy({ sparsityTarget: 0 });
    values(0).fill(0, 0, 500);
    for (let i = 0; i < 3; i++) await step();
    expect(zeros()).toEqual([500 / 9216, 0]);
    expect(
      values(0)
        .subarray(0, 500)
        .every((value) => value === 0),
    ).toBe(true);
    expect(events).toEqual([{ type: 'frozen' }]);
  });

  it('leaves named layers alone, masks included', async () => {
    const { step, zeros, values } = toy(induce, { exclude: ['a*'] });
    values(0)[0] = 0;
    await step();
    expect(zeros()[0]).toBe(0);
    expect(zeros()[1]).toBeCloseTo(0.2, 2);
    await expect(toy(induce, { exclude: ['c'] }).step()).rejects.toThrow(
      'exclude "c" fits no Convolution layer; did you mean "a"?',
    );
  });

  it('goes on exactly from a saved state', async () => {
    const first = toy(induce);
    for (let i = 0; i < 3; i++) await first.step();
    const state = JSON.parse(JSON.stringify(first.plugin.saveState()));
    const second = toy(induce);
    second.solver.iter = 3;
    for (const index of [0, 1]) second.values(index).set(first.values(index));
    second.values(0).fill(0, 0, 9); // chance zeros must not be frozen
    second.plugin.restoreState(state);
    expect(second.plugin.factor).toBe(first.plugin.factor);
    await second.step();
    expect(second.plugin.saveState()!.masks).toEqual(state.masks);
    expect(second.events.some(({ type }) => type === 'finding')).toBe(false);
    await second.step();
    expect(second.plugin.saveState()!.masks).not.toEqual(state.masks);
    expect(() => second.plugin.restoreState({ ...state, version: 2 })).toThrow('is not of a form this version reads');
    second.plugin.restoreState({ ...state, masks: { a: 'AAAA' } });
    await expect(second.step()).rejects.toThrow(
      'layer "a": the saved mask is not one of 9216 weights; resume with the net that wrote the snapshot',
    );
    expect(toy(induce, { compat: 'caffe-jacinto-0.17' }).plugin.saveState()).toBeUndefined();
  });

  it('has its last event before a snapshot at max_iter; as 0.17 after it', async () => {
    const last = async (options: SparsityOptions) => {
      const { step, plugin, solver, events } = toy({ ...induce, displaySparsity: 100 }, options);
      for (let i = 0; i < 10; i++) await step();
      const inLoop = events.flatMap((event) => (event.type === 'finding' ? [event.iter] : [])).at(-1);
      await plugin.afterTraining(solver);
      const atEnd = events.flatMap((event) => (event.type === 'finding' ? [event.iter] : [])).at(-1);
      expect(events.filter((event) => event.type === 'table').map((event) => [event.when, event.iter])).toEqual([
        ['update', 0],
        ['training', 10],
      ]);
      return [inLoop, atEnd];
    };
    const slow = {
      schedule: { ...toy(induce).plugin['schedule'], next: always, isDue: (iter: number) => iter % 5 === 0 },
    };
    expect(await last(slow)).toEqual([10, 10]);
    expect(await last({ ...slow, compat: 'caffe-jacinto-0.17' })).toEqual([5, 10]);
  });

  it('masks another net, shows the table in the original text, refuses nets without convolutions', async () => {
    const { step, plugin, solver, events, values } = toy({ ...induce, displaySparsity: 1 });
    await step();
    const replica = toy(induce);
    await plugin.maskNet(replica.solver.net);
    expect(replica.values(1).every((value, i) => (value === 0) === (values(1)[i] === 0))).toBe(true);
    expect(sparsityLog(events.at(-1)!).map(({ text }) => text)).toEqual([
      'Sparsity after update:',
      'Num Params(2), Sparsity (zero_weights/count): ',
      'a_param_0(0.198) ',
      'b_param_0(0.198) ',
      'Total Sparsity (zero_weights/count) =  (3648/18432) 0.198',
    ]);
    solver.net.layers.length = 0;
    const empty = sparsityPlugin(solver.param)!;
    await expect(empty.beforeIteration(solver)).rejects.toThrow(
      'sparse_mode is on, but the net has no Convolution layer; remove sparse_mode: only weights of convolutions are made sparse',
    );
  });

  it('checks the solver’s fields', () => {
    const param = create('SolverParameter', { sparseMode: SparseMode.SPARSE_UPDATE, sparsityTarget: 2 });
    expect(() => sparsityPlugin(param)).toThrow('sparsity_target is 2; use 0 to 1');
  });
});

const always: SparsityPlugin['schedule']['next'] = (state, facts) => ({
  state,
  event: { ...facts, factor: 0.1, fractions: { low: 0.1, mid: 0.1, high: 0.1 } },
});
