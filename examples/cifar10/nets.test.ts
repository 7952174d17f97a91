import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { create, equals, type NetParameter, type SolverParameter } from '@jacinto/proto';
import { readNetFile, readSolverFile } from '@jacinto/proto/node';
import { describe, expect, it } from 'vitest';

/** A file of this folder. */
const own = (name: string): string => join(import.meta.dirname, name);

const published = join(
  process.env.JACINTO_SHARED ?? join(import.meta.dirname, '../../../shared'),
  'prototxt/tidsp__caffe-jacinto-models___caffe-0.17__trained__image_classification__cifar10_jacintonet11v2__initial__',
);

/** The layers, without the folder of the database. */
function layersOf(net: NetParameter) {
  for (const { dataParam } of net.layer) if (dataParam !== undefined) dataParam.source = 'somewhere';
  return create('NetParameter', { layer: net.layer.filter(({ type }) => type !== 'Input' && type !== 'Softmax') });
}

describe.skipIf(!existsSync(`${published}train.prototxt`))(
  'the nets (published files: ../shared/prototxt, skipped where absent)',
  () => {
    it.each(['train', 'test', 'deploy'])('%s.prototxt has the layers of the published one', (name) => {
      const [ours, theirs] = [own(`${name}.prototxt`), `${published}${name}.prototxt`].map((file) =>
        layersOf(readNetFile(file)),
      );
      expect(ours!.layer.map((layer) => layer.name)).toEqual(theirs!.layer.map((layer) => layer.name));
      for (const [i, layer] of ours!.layer.entries()) expect(equals(layer, theirs!.layer[i]!), layer.name).toBe(true);
    });

    it('the solver has the values of the published one', () => {
      const strip = (solver: SolverParameter) =>
        Object.assign(solver, {
          trainNet: '',
          testNet: [''],
          snapshotPrefix: '',
          solverMode: 0,
          deviceId: 0,
          debugInfo: false,
        });
      const [ours, theirs] = [own('solver.prototxt'), `${published}solver.prototxt`].map((file) =>
        strip(readSolverFile(file)),
      );
      expect({ ...ours }).toEqual({ ...theirs });
    });
  },
);

it('solver_1000 has the rates of the first 1,000 of 64,000 iterations', () => {
  const [long, short] = ['solver.prototxt', 'solver_1000.prototxt'].map((name) => readSolverFile(own(name)));
  const rate = ({ baseLr, minLr, maxIter }: SolverParameter, i: number) =>
    (baseLr! - minLr) * (1 - i / maxIter!) + minLr;
  for (const i of [0, 1, 500, 1000]) expect(rate(short!, i)).toBeCloseTo(rate(long!, i), 8);
});
