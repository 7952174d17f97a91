import type { File } from 'h5wasm';
import { CaffeError } from '../errors/index.ts';
import type { SolverState } from '../generated/messages.ts';
import { create } from '../messages/message.ts';
import { readBlob, writeBlob } from './blobs.ts';
import { isDataset, isGroup, readMemoryFile, writeMemoryFile } from './memory-file.ts';

/**
 * A solver's state as HDF5, in Caffe's layout: integers `iter` and `current_step`, text `learned_net`, group `history`
 * with "0", "1", …; and text `jacinto_state`, which Caffe passes over.
 */
export function writeStateHdf5(state: SolverState): Promise<Uint8Array> {
  return writeMemoryFile((file) => {
    writeInteger(file, 'iter', state.iter ?? 0);
    writeText(file, 'learned_net', state.learnedNet ?? '');
    writeInteger(file, 'current_step', state.currentStep);
    if (state.jacintoState !== undefined) writeText(file, 'jacinto_state', state.jacintoState);
    const history = file.create_group('history')!;
    state.history.forEach((blob, i) => {
      writeBlob(history, String(i), blob);
    });
  });
}

/** @throws CaffeError 'bad-file' for a file that is no HDF5, or has no `iter` or `history`. */
export function readStateHdf5(bytes: Uint8Array, { file }: { file?: string } = {}): Promise<SolverState> {
  return readMemoryFile(bytes, file, (root) => {
    const keys = root.keys();
    const history = keys.includes('history') ? root.get('history') : undefined;
    if (!isGroup(history) || !keys.includes('iter')) {
      throw new CaffeError({
        code: 'bad-file',
        file,
        problem: 'is no solver state: it has no "iter" or no group "history"',
        fix: 'give the .solverstate.h5 of a snapshot; a .caffemodel.h5 goes to --weights',
      });
    }
    const state = create('SolverState', {
      iter: Number(firstValue(root, 'iter')),
      currentStep: Number(firstValue(root, 'current_step') ?? 0),
    });
    const [learnedNet, jacintoState] = [firstValue(root, 'learned_net'), firstValue(root, 'jacinto_state')];
    if (learnedNet !== undefined) state.learnedNet = String(learnedNet);
    if (jacintoState !== undefined) state.jacintoState = String(jacintoState);
    state.history = Array.from({ length: history.keys().length }, (_, i) => {
      const dataset = history.keys().includes(String(i)) ? history.get(String(i)) : undefined;
      if (isDataset(dataset)) return readBlob(dataset, `history/${i}`);
      throw new CaffeError({ code: 'bad-file', file, problem: `"history" lacks "${i}"`, fix: 'write it again' });
    });
    return state;
  });
}

function writeInteger(file: File, name: string, value: number): void {
  file.create_dataset({ name, data: Int32Array.of(value), shape: [1], dtype: '<i' });
}

/** Text with its closing 0, which Caffe relies on. */
function writeText(file: File, name: string, text: string): void {
  file.create_dataset({ name, data: text, shape: [], dtype: `S${new TextEncoder().encode(text).length + 1}` });
}

/** A scalar or the first value of a dataset. */
function firstValue(file: File, name: string): number | bigint | string | undefined {
  if (!file.keys().includes(name)) return undefined;
  const dataset = file.get(name);
  if (!isDataset(dataset)) return undefined;
  const { value } = dataset;
  if (typeof value === 'string') return value.replace(/\0+$/, '');
  if (typeof value === 'number' || typeof value === 'bigint') return value;
  return (value as ArrayLike<number | bigint | string> | null)?.[0];
}
