import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry } from '@jacinto/net';
import { decode, encode, type NetParameter, readNet, readSolver, readWeights, type SolverState } from '@jacinto/proto';
import { readStateHdf5, readWeightsHdf5 } from '@jacinto/proto/hdf5';
import type { SolverEvent } from '../events.ts';
import type { SolverFiles } from '../files.ts';
import { Solver } from '../solver.ts';
import type { SolverOptions } from '../solver-options.ts';
import { CountingLayer } from './counting-layer.ts';

/** Learns a line: three inputs, one output, another batch at each forward; all of it follows from the position. */
export const toyNet = `
  name: "toy"
  layer { name: "data" type: "Counting" top: "x" top: "y" }
  layer { name: "ip" type: "InnerProduct" bottom: "x" top: "ip"
    param { lr_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
    inner_product_param { num_output: 1 weight_filler { type: "gaussian" std: 0.5 } } }
  layer { name: "drop" type: "Dropout" bottom: "ip" top: "ip" dropout_param { dropout_ratio: 0.1 } }
  layer { name: "loss" type: "EuclideanLoss" bottom: "ip" bottom: "y" top: "loss" }
`;

const toyFields = { base_lr: 0.05, lr_policy: '"fixed"', momentum: 0.9, max_iter: 10, random_seed: 7 };

/** The text of a solver of the toy net; fields that are given replace or join the usual ones. */
export function toySolver(fields: Readonly<Record<string, string | number | boolean | undefined>> = {}): string {
  return Object.entries({ net: '"toy.prototxt"', ...toyFields, ...fields })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

export const toyBackend = createReferenceBackend();
export const toyRegistry = new LayerRegistry(standardLayers, [CountingLayer]);

export interface Toy {
  solver: Solver;
  events: SolverEvent[];
  files: MemoryFiles;
}

/** A solver of the toy net whose files are in memory; all that it tells is kept. */
export async function createToy(
  text: string,
  options: Partial<SolverOptions> & { files?: MemoryFiles } = {},
): Promise<Toy> {
  const events: SolverEvent[] = [];
  const files = options.files ?? new MemoryFiles();
  const solver = await Solver.create(readSolver(text, { file: 'solver.prototxt' }), {
    backend: toyBackend,
    registry: toyRegistry,
    onEvent: (event) => events.push(event),
    ...options,
    files,
  });
  return { solver, events, files };
}

/** The loss of every iteration that ran. */
export function lossesOf(events: readonly SolverEvent[]): [iter: number, loss: number][] {
  return events.flatMap((event) => (event.type === 'iteration' ? [[event.iter, event.loss]] : []));
}

export function eventsOf<T extends SolverEvent['type']>(events: readonly SolverEvent[], type: T) {
  return events.filter((event): event is Extract<SolverEvent, { type: T }> => event.type === type);
}

/** Files in memory; net files all hold the toy net. */
export class MemoryFiles implements SolverFiles {
  readonly content = new Map<string, Uint8Array>();
  net = toyNet;
  /** Throws on writing a file whose name matches. */
  refuse: RegExp | undefined;

  readNet(path: string): NetParameter {
    return readNet(this.net, { file: path });
  }
  readWeights(path: string): NetParameter | Promise<NetParameter> {
    if (path.endsWith('.h5')) return readWeightsHdf5(this.bytes(path), { file: path });
    return readWeights(this.bytes(path), { file: path });
  }
  readState(path: string): SolverState | Promise<SolverState> {
    if (path.endsWith('.h5')) return readStateHdf5(this.bytes(path), { file: path });
    return decode('SolverState', this.bytes(path), { file: path });
  }
  write(path: string, chunks: readonly Uint8Array[]): void {
    if (this.refuse?.test(path)) throw new Error(`refused ${path}`);
    this.content.set(path, new Uint8Array(Buffer.concat(chunks)));
  }
  exists(path: string): boolean {
    return this.content.has(path);
  }
  checkWritable(): void {}

  /** Puts a solver state there that another Caffe could have written: without Jacinto's own part. */
  forgetExactState(path: string): void {
    const state = decode('SolverState', this.bytes(path), { file: path });
    Reflect.deleteProperty(state, 'jacintoState');
    this.content.set(path, encode('SolverState', state));
  }

  private bytes(path: string): Uint8Array {
    const bytes = this.content.get(path);
    if (bytes === undefined) throw new Error(`${path} is not there`);
    return bytes;
  }
}
