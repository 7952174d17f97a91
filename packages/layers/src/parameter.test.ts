import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { LayerRegistry, Net } from '@jacinto/net';
import { readNet } from '@jacinto/proto';
import { describe, expect, test } from 'vitest';
import { standardLayers } from './list.ts';
import { ParameterLayer } from './parameter.ts';
import { errorOf, topOf } from './testing/layer-testing.ts';

describe('Parameter', () => {
  test('gives its blob', async () => {
    const blobs = { 0: { values: [1, 2] } };
    expect(await topOf(ParameterLayer, { param: 'shape { dim: 2 }', bottoms: [], blobs })).toEqual([1, 2]);
  });

  test('is learned in a net, used twice', async () => {
    const net = await Net.create(
      readNet(`
        layer { name: "p" type: "Parameter" top: "p" parameter_param { shape { dim: 1 dim: 2 } } }
        layer { name: "t" type: "DummyData" top: "t" dummy_data_param { shape { dim: 1 dim: 2 } data_filler { value: 3 } } }
        layer { name: "l" type: "EuclideanLoss" bottom: "p" bottom: "t" }
        layer { name: "m" type: "EuclideanLoss" bottom: "p" bottom: "t" }`),
      { backend: createReferenceBackend(), registry: new LayerRegistry(standardLayers), phase: 0 },
    );
    net.layer('p').layer.blobs[0]!.data.hostWrite().fill(1);
    expect(await net.forward()).toBeCloseTo(8, 5);
    net.clearParamDiffs();
    await net.backward();
    await net.backward();
    expect([...net.layer('p').layer.blobs[0]!.diff.hostRead()]).toEqual([-8, -8]);
  });

  test('refuses a missing shape', async () => {
    expect(await errorOf(ParameterLayer, { bottoms: [] })).toBe(
      'layer "test" (Parameter): parameter_param.shape is missing; give shape { dim: … }',
    );
  });
});
