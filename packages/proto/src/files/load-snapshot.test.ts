import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { encode } from '../binary/encode.ts';
import { blobValues } from '../blobs/blob-values.ts';
import { makeBlob } from '../blobs/make-blob.ts';
import { writeStateHdf5, writeWeightsHdf5 } from '../hdf5/index.ts';
import { create } from '../messages/message.ts';
import { loadStateFile, loadWeightsFile } from './load-snapshot.ts';
import { writeWeightsFile } from './message-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'jacinto-weights-'));
afterAll(() => rmSync(folder, { recursive: true }));
const net = create('NetParameter', {
  layer: [{ name: 'conv1a/bn', type: 'BatchNorm', blobs: [makeBlob([2], Float32Array.of(3, -4))] }],
});

it('reads both forms by their names', async () => {
  const [binary, hdf5] = [join(folder, 'a.caffemodel'), join(folder, 'a.caffemodel.h5')];
  writeWeightsFile(binary, net);
  writeFileSync(hdf5, await writeWeightsHdf5(net));
  for (const path of [binary, hdf5]) {
    const [layer] = (await loadWeightsFile(path)).layer;
    expect(layer!.name).toBe('conv1a/bn');
    expect([...blobValues(layer!.blobs[0]!)]).toEqual([3, -4]);
  }
});

it('names a file that is not there, or is no HDF5', async () => {
  await expect(loadWeightsFile(join(folder, 'none.h5'))).rejects.toThrow('none.h5: does not exist');
  const wrong = join(folder, 'wrong.h5');
  writeFileSync(wrong, 'text');
  await expect(loadWeightsFile(wrong)).rejects.toThrow(/wrong\.h5: .*HDF5/);
});

it('reads a state in both forms by its name', async () => {
  const state = create('SolverState', { iter: 7, learnedNet: 'a.caffemodel', currentStep: 2 });
  const [binary, hdf5] = [join(folder, 'a.solverstate'), join(folder, 'a.solverstate.h5')];
  writeFileSync(binary, encode('SolverState', state));
  writeFileSync(hdf5, await writeStateHdf5(state));
  for (const path of [binary, hdf5]) {
    const { iter, currentStep, learnedNet } = await loadStateFile(path);
    expect([iter, currentStep, learnedNet]).toEqual([7, 2, 'a.caffemodel']);
  }
});
