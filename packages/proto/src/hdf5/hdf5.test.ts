import { describe, expect, it } from 'vitest';
import { absent, bytesOfShared } from '../../test/materials.ts';
import { blobDiff, blobShape, blobValues, create, decode, makeBlob, readWeights } from '../index.ts';
import { readStateHdf5, readWeightsHdf5, writeStateHdf5, writeWeightsHdf5 } from './index.ts';
import { readMemoryFile } from './memory-file.ts';

const layer = (name: string, ...blobs: ReturnType<typeof makeBlob>[]) => create('LayerParameter', { name, blobs });
const net = create('NetParameter', {
  layer: [
    layer('conv1a/bn', makeBlob([2], [1, 2], { diff: [5, 6] }), makeBlob([1, 2], [3, 4], { diff: [7, 8] })),
    layer('conv1a', makeBlob([2, 1, 1, 2], [1, 2, 3, 4], { diff: [0, 0, 0, 1] })),
    layer('relu'),
    layer('a/b/c', makeBlob([1], Float64Array.of(Math.PI), { diff: [2] })),
    layer('scalar', makeBlob([], [9], { diff: [3] })),
    layer('half', makeBlob([2], [0.5, -2], { type: 'FLOAT16', diff: [0, 1] })),
    layer('none', makeBlob([0], [])),
  ],
});

describe('weights', () => {
  it('come back as they were, whatever slashes the names have', async () => {
    const read = await readWeightsHdf5(await writeWeightsHdf5(net));
    const byName = new Map(read.layer.map((each) => [each.name, each.blobs]));
    for (const { name, blobs } of net.layer) {
      const own = byName.get(name) ?? [];
      expect(own.map(blobShape), name).toEqual(blobs.map(blobShape));
      expect(
        own.map((blob) => [...blobValues(blob)]),
        name,
      ).toEqual(blobs.map((blob) => [...blobValues(blob)]));
    }
    expect(blobValues(byName.get('a/b/c')![0]!)[0]).toBe(Math.PI);
    expect(byName.has('relu')).toBe(false);
  });

  it('lie in the groups of Caffe: one for every layer, gradients in a second tree', async () => {
    const trained = create('NetParameter', { layer: net.layer.slice(0, 3) });
    const paths = await readMemoryFile(await writeWeightsHdf5(trained, { diff: true }), undefined, (file) =>
      file.paths(),
    );
    const tree = ['conv1a', 'conv1a/0', 'conv1a/bn', 'conv1a/bn/0', 'conv1a/bn/1', 'relu'];
    const expected = ['data', 'diff'].flatMap((part) => [part, ...tree.map((path) => `${part}/${path}`)]);
    expect(paths.sort()).toEqual(expected.sort());
    const gradients = await readMemoryFile(await writeWeightsHdf5(trained, { diff: true }), undefined, (file) => {
      const dataset = file.get('diff/conv1a/bn/1') as { value: Float32Array };
      return [...dataset.value];
    });
    expect(gradients).toEqual([...blobDiff(trained.layer[0]!.blobs[1]!)]);
  });

  it('refuses what is no such file, naming it', async () => {
    const failing = (bytes: Uint8Array) => readWeightsHdf5(bytes, { file: 'a.h5' });
    await expect(failing(Uint8Array.of(1, 2, 3))).rejects.toThrow(
      'a.h5: is no HDF5 file, or is cut off; write or copy it again, and check its size',
    );
    const whole = await writeWeightsHdf5(net);
    await expect(failing(whole.slice(0, whole.length / 2))).rejects.toThrow('a.h5: is no HDF5 file, or is cut off');
    await expect(failing(await writeStateHdf5(create('SolverState')))).rejects.toThrow(
      'a.h5: has no group "data": it holds no weights; give the .caffemodel.h5 of a snapshot',
    );
  });
});

describe('solver state', () => {
  const state = create('SolverState', {
    iter: 40,
    currentStep: 2,
    learnedNet: 'größe/x_iter_40.caffemodel.h5',
    history: [makeBlob([2], [1, 2]), makeBlob([1, 3], [3, 4, 5]), ...Array(10).fill(makeBlob([1], [6]))],
    jacintoState: '{"version":1}',
  });

  it('comes back as it was', async () => {
    const read = await readStateHdf5(await writeStateHdf5(state));
    const { iter, currentStep, learnedNet, jacintoState } = read;
    expect({ iter, currentStep, learnedNet, jacintoState }).toEqual({
      iter: 40,
      currentStep: 2,
      learnedNet: state.learnedNet,
      jacintoState: '{"version":1}',
    });
    expect(read.history.map((blob) => [...blobValues(blob)])).toEqual(
      state.history.map((blob) => [...blobValues(blob)]),
    );
  });

  it('closes its text with a 0, which Caffe relies on', async () => {
    const bytes = await writeStateHdf5(create('SolverState', { learnedNet: 'abc' }));
    expect(Buffer.from(bytes).includes(Buffer.from('abc\0'))).toBe(true);
  });

  it('refuses weights', async () => {
    await expect(readStateHdf5(await writeWeightsHdf5(net), { file: 'a.h5' })).rejects.toThrow(
      'a.h5: is no solver state: it has no "iter" or no group "history"; give the .solverstate.h5 of a snapshot',
    );
  });
});

const folder = 'golden/files';
describe.skipIf(absent(folder))('files of real Caffe (skipped where ../shared is absent)', () => {
  // The same training was saved in both forms.
  it('hold the weights and history of their binary twins', async () => {
    const weights = await readWeightsHdf5(bytesOfShared(`${folder}/solver_sgd_hdf5/sgd_hdf5_iter_40.caffemodel.h5`));
    const twin = readWeights(bytesOfShared(`${folder}/solver_sgd/sgd_iter_40.caffemodel`));
    const withBlobs = twin.layer.filter(({ blobs }) => blobs.length > 0);
    expect(weights.layer.map(({ name }) => name).sort()).toEqual(withBlobs.map(({ name }) => name).sort());
    for (const { name, blobs } of withBlobs) {
      const own = weights.layer.find((each) => each.name === name)!.blobs;
      expect(own.map(blobShape)).toEqual(blobs.map(blobShape));
      expect(own.map((blob) => [...blobValues(blob)])).toEqual(blobs.map((blob) => [...blobValues(blob)]));
    }
    const state = await readStateHdf5(bytesOfShared(`${folder}/solver_sgd_hdf5/sgd_hdf5_iter_40.solverstate.h5`));
    const stateTwin = decode('SolverState', bytesOfShared(`${folder}/solver_sgd/sgd_iter_40.solverstate`));
    expect([state.iter, state.currentStep]).toEqual([stateTwin.iter, stateTwin.currentStep]);
    expect(state.learnedNet).toBe('solver_sgd_hdf5/sgd_hdf5_iter_40.caffemodel.h5');
    expect(state.history.map((blob) => [...blobValues(blob)])).toEqual(
      stateTwin.history.map((blob) => [...blobValues(blob)]),
    );
  });
});
