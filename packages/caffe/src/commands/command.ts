import type { Backend } from '@jacinto/core-tensor';
import type { LayerRegistry } from '@jacinto/net';
import { CaffeError, unknownName } from '@jacinto/proto/errors';
import type { Compat } from '@jacinto/solvers-mixed';
import type { Environment } from '../environment.ts';
import type { CaffeFlags } from '../flags.ts';

export interface CommandTools {
  backend: Backend;
  registry: LayerRegistry;
}

/** A command of `caffe`. It throws CaffeError where it cannot do its work. */
export type Command = (flags: CaffeFlags, env: Environment, tools: CommandTools) => Promise<void>;

/** @throws CaffeError 'usage' naming the flag where it is empty. */
export function required(flags: CaffeFlags, name: 'model' | 'weights', why: string): string {
  if (flags[name] !== '') return flags[name];
  throw new CaffeError({ code: 'usage', problem: why, fix: `give --${name}=FILE` });
}

const compats = ['nvcaffe', 'bvlc', 'caffe-jacinto-0.17'] as const satisfies readonly Compat[];

/** The `compat` option of packages that repeat faults of caffe-jacinto 0.17. */
export function faultsOf(compat: Compat): 'caffe-jacinto-0.17' | undefined {
  return compat === 'caffe-jacinto-0.17' ? compat : undefined;
}

/** @throws CaffeError 'usage' for an unknown word. */
export function compatOf({ compat }: CaffeFlags): Compat {
  const known = compats.find((name) => name === compat);
  if (known !== undefined) return known;
  const { problem, fix } = unknownName('', compat, compats).facts;
  throw new CaffeError({ code: 'usage', problem: `--compat ${problem}`, fix });
}

/** @throws CaffeError 'usage' below 1. */
export function iterationsOf({ iterations }: CaffeFlags): number {
  if (iterations >= 1) return iterations;
  throw new CaffeError({ code: 'usage', problem: `--iterations is ${iterations}`, fix: 'use 1 or more' });
}

/** The `fusion` option of nets: what --nofusion says, else the default. */
export function fusionOf({ fusion }: CaffeFlags): false | undefined {
  return fusion ? undefined : false;
}
