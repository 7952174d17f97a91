import * as bnAbsorb from '@jacinto/bn-absorb';
import * as coreTensor from '@jacinto/core-tensor';
import * as data from '@jacinto/data';
import * as layers from '@jacinto/layers';
import * as net from '@jacinto/net';
import * as proto from '@jacinto/proto';
import * as quantize from '@jacinto/quantize';
import * as solversMixed from '@jacinto/solvers-mixed';
import * as sparsity from '@jacinto/sparsity';
import { describe, expect, it } from 'vitest';
import * as caffe from './index.ts';

describe('@jacinto/caffe', () => {
  it.each(Object.entries({ bnAbsorb, coreTensor, data, layers, net, proto, quantize, solversMixed, sparsity }))(
    're-exports all of %s',
    (_, module) => {
      // two packages with one name would both lose it
      const missing = Object.entries(module).filter(
        ([name, value]) => (caffe as Record<string, unknown>)[name] !== value,
      );
      expect(missing.map(([name]) => name)).toEqual([]);
    },
  );

  it('registers every layer', () => {
    const { types } = caffe.createRegistry();
    expect(types).toEqual([...new Set([...layers.standardLayers, ...data.dataLayers].map(({ type }) => type))].sort());
    for (const type of ['Convolution', 'Data', 'ImageData', 'SoftmaxWithLoss', 'BatchNorm'])
      expect(types).toContain(type);
  });
});
