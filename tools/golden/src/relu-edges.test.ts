import { Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { NetLayer } from '@jacinto/net';
import { expect, it } from 'vitest';
import { failed, type Outcome, passed } from './outcome.ts';
import { type ReluEdge, ReluEdges, searchEdges } from './relu-edges.ts';

const backend = createReferenceBackend();

/** Runs one ReLU layer's pass on `values`; gives what the layer then reads. */
async function pass(edges: ReluEdges, values: readonly number[], type = 'ReLU'): Promise<number[]> {
  const bottom = new Tensor(backend, [values.length]);
  bottom.data.hostWrite().set(values);
  edges.beforeForward();
  await edges.beforeLayerForward({ type, index: 3, bottoms: [bottom] } as unknown as NetLayer);
  return [...(await bottom.data.read())];
}

it('finds inputs within float rounding of 0, and turns chosen ones', async () => {
  const values = [4, 2 ** -20, -(2 ** -19), 2 ** -17, 0];
  const edges = new ReluEdges([], 1);
  expect(await pass(edges, values)).toEqual(values);
  await pass(edges, values); // not watched
  expect(edges.found).toEqual([
    { pass: 0, layer: 3, index: 1, distance: 2 ** -22 },
    { pass: 0, layer: 3, index: 2, distance: 2 ** -21 },
  ]);
  const turned = await pass(new ReluEdges([edges.found[0]!], 1), values);
  expect(turned).toEqual([4, -(2 ** -20), ...values.slice(2)]);
  const other = new ReluEdges([edges.found[0]!], 1);
  expect(await pass(other, values, 'TanH')).toEqual(values);
});

const edge = (pass: number, distance: number): ReluEdge => ({ pass, layer: 0, index: 0, distance });

/** A run that passes where exactly the edges of `right` are turned; turning one brings about the next. */
function runOf(right: readonly ReluEdge[], wrong: readonly ReluEdge[]) {
  const tried: string[] = [];
  const run = async (edges: ReluEdges): Promise<Outcome> => {
    const flips = edges['flips'];
    tried.push(flips.map((one) => one.pass).join());
    edges.found.push(...wrong, ...right.slice(0, flips.length + 1));
    const isRight = flips.length === right.length && flips.every((one, i) => one.pass === right[i]!.pass);
    return isRight ? passed('run') : failed('run', 'wrong');
  };
  return { run, tried };
}

it('the search turns inputs nearest to 0 first, and later ones of the run that this makes', async () => {
  const { run, tried } = runOf([edge(1, 1e-8), edge(4, 2e-8)], [edge(0, 5e-8), edge(2, 4e-8)]);
  const found = await searchEdges(run, 5);
  expect(tried).toEqual(['', '1', '1,4']);
  expect(found).toEqual({
    ...passed('run'),
    reason: "with 2 of the ReLU layers' inputs, at most 2e-8 of the largest from 0, on the other side",
  });
});

it('the search gives up where no edge helps, and needs none where the run passes', async () => {
  const none = runOf([], []);
  expect(await searchEdges(none.run, 5)).toEqual(passed('run'));
  const { run, tried } = runOf([edge(9, 1)], [edge(0, 1e-8), edge(1, 1e-8)]);
  const failing = (edges: ReluEdges) => run(edges).then(() => failed('run', 'wrong'));
  expect(await searchEdges(failing, 5)).toBeUndefined();
  expect(tried.length).toBeLessThanOrEqual(48);
});
