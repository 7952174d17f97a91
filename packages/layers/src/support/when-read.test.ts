import { Values } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { type LayerCase, type LayerResult, runLayer } from '@jacinto/net/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { AccuracyLayer } from '../accuracy.ts';
import { ArgMaxLayer } from '../arg-max.ts';
import { BatchNormLayer } from '../batch-norm.ts';
import { EuclideanLossLayer } from '../euclidean-loss.ts';
import { PoolingLayer } from '../pooling.ts';
import { SoftmaxWithLossLayer } from '../softmax-with-loss.ts';
import { errorOf, values } from '../testing/layer-testing.ts';
import { whenRead } from './when-read.ts';

afterEach(() => vi.restoreAllMocks());

/** All values arrive later, as on a GPU. */
function makeReadingWait(): void {
  vi.spyOn(Values.prototype, 'read').mockImplementation(function (this: Values) {
    return new Promise((resolve) => setTimeout(() => resolve(this.hostRead() as never), 1));
  });
}

test('runs at once where all values are there, else when they have arrived', async () => {
  const backend = createReferenceBackend();
  const [a, b] = [new Values(backend, 1), new Values(backend, 1)];
  a.hostWrite()[0] = 1;
  b.hostWrite()[0] = 2;
  const sum = (x: Float32Array, y: Float32Array): number => x[0]! + y[0]!;
  expect(whenRead([a, b], sum)).toBe(3);
  makeReadingWait();
  const later = whenRead([a, b], sum);
  expect(later).toBeInstanceOf(Promise);
  expect(await later).toBe(3);
});

const labelled = { bottoms: [[3, 4], [3]], values: { 1: { integers: 4 } } };
const none = { gradient: { skip: 'no gradient' } };
const cases: [LayerCase, Parameters<typeof runLayer>[0]][] = [
  [labelled, SoftmaxWithLossLayer],
  [{ ...labelled, ...none, tops: 2 }, AccuracyLayer],
  [
    {
      bottoms: [
        [3, 4],
        [3, 4],
      ],
    },
    EuclideanLossLayer,
  ],
  [{ bottoms: [[3, 4]], blobs: { 2: { constant: 2 } } }, BatchNormLayer],
  [{ bottoms: [[3, 4]], param: 'top_k: 2', ...none }, ArgMaxLayer],
  [
    { bottoms: [[1, 2, 4, 4]], param: 'pool: STOCHASTIC kernel_size: 2', values: { 0: { uniform: [0, 1] } } },
    PoolingLayer,
  ],
];

test.each(cases)('layers that look at values wait for them: %j', async (each, layerClass) => {
  const atOnce: LayerResult = await runLayer(layerClass, each);
  makeReadingWait();
  expect(await runLayer(layerClass, each)).toEqual(atOnce);
});

test('an error found in values that arrived later is the same error', async () => {
  makeReadingWait();
  const each = { bottoms: [[2, 2], [2]], values: values([0, 1], [5, 0]) };
  expect(await errorOf(SoftmaxWithLossLayer, each)).toContain(
    'label 5 is out of range: there are 2 classes; use 0 to 1',
  );
});
