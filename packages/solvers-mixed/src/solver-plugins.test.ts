import { describe, expect, it } from 'vitest';
import type { SolverPlugin } from './solver-plugin.ts';
import { createToy, toySolver } from './testing/toy-solver.ts';

/** Counts updates, and writes down what it is called for. */
class Counter implements SolverPlugin {
  readonly name = 'sparsity';
  readonly calls: string[] = [];
  count = 0;

  setUp({ iter, net, testNets }: Parameters<NonNullable<SolverPlugin['setUp']>>[0]): void {
    this.calls.push(`setUp ${iter} ${net.name} ${testNets.length}`);
  }
  afterUpdate({ iter }: { iter: number }): void {
    this.count++;
    this.calls.push(`update ${iter}`);
  }
  async afterTraining({ iter }: { iter: number }): Promise<void> {
    await Promise.resolve();
    this.calls.push(`end ${iter}`);
  }
  saveState(): { count: number } {
    this.calls.push('save');
    return { count: this.count };
  }
  restoreState({ count }: { count: number }): void {
    this.calls.push('restore');
    this.count = count;
  }
}

const fields = { snapshot_prefix: '"run/toy"', snapshot: 2, max_iter: 3 };

describe('plug-ins', () => {
  it('are called in their places: set up first, the end of training before the last snapshot', async () => {
    const plugin = new Counter();
    const { solver } = await createToy(toySolver(fields), { plugins: [plugin] });
    await solver.solve();
    expect(plugin.calls).toEqual([
      ...['setUp 0 toy 0', 'update 0', 'update 1', 'save', 'update 2'],
      ...['end 3', 'save'],
    ]);
  });

  it('get back what a snapshot kept under their names', async () => {
    const { solver, files } = await createToy(toySolver(fields), { plugins: [new Counter()] });
    await solver.solve();
    const plugin = new Counter();
    const options = { files, snapshot: 'run/toy_iter_2.solverstate', plugins: [{ beforeIteration() {} }, plugin] };
    const resumed = await createToy(toySolver(fields), options);
    expect([plugin.count, plugin.calls]).toEqual([2, ['setUp 0 toy 0', 'restore']]);
    await resumed.solver.solve();
    expect(plugin.count).toBe(3);
  });

  it('keep what they have where the snapshot holds nothing of them', async () => {
    const { solver, files } = await createToy(toySolver(fields));
    await solver.solve();
    const plugin = new Counter();
    await createToy(toySolver(fields), { files, snapshot: 'run/toy_iter_2.solverstate', plugins: [plugin] });
    expect(plugin.calls).toEqual(['setUp 0 toy 0']);
  });

  it('sparse_mode without its plug-in is refused', async () => {
    const text = toySolver({ sparse_mode: 'SPARSE_UPDATE' });
    await expect(createToy(text)).rejects.toThrow(
      'sparse_mode is on, but the solver has no plug-in for it; give sparsityPlugin(param) of @jacinto/sparsity',
    );
    await expect(createToy(text, { plugins: [new Counter()] })).resolves.toBeDefined();
  });
});

describe('compat caffe-jacinto-0.17', () => {
  it.each([true, false])('tests one batch at iteration 0, also with test_initialization: %s', async (whole) => {
    const text = toySolver({ test_iter: 3, test_interval: 100, max_iter: 1, test_initialization: whole });
    const { solver, events } = await createToy(text, { compat: 'caffe-jacinto-0.17' });
    await solver.solve();
    expect(events.filter(({ type }) => type === 'test-batch').length).toBe(1);
  });
});
