import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NetParameter, printText, toBvlcBatchNorm } from '@jacinto/proto';
import { absence } from './installed.ts';

/** Average seconds that `caffe time` reports. */
export interface CaffeTime {
  forward: number;
  both: number;
}

const howTo = 'give one: --caffe FILE or JACINTO_BENCH_CAFFE';

/** Runs `caffe time` of a given binary on the net (batch norms in the form that every Caffe reads), one process a call. */
export function caffeTime(
  binary: string | undefined,
  net: NetParameter,
  folder: string,
  threads: number,
): CaffeTime | { absent: string } {
  if (binary === undefined) return { absent: absence('no caffe binary', howTo) };
  const model = join(folder, 'caffe.prototxt');
  writeFileSync(model, printText('NetParameter', toBvlcBatchNorm(net)));
  const env = { ...process.env, OMP_NUM_THREADS: String(threads), OPENBLAS_NUM_THREADS: String(threads) };
  const args = ['time', '--model', model, '--iterations', '3'];
  const { stdout, stderr, error } = spawnSync(binary, args, { env, encoding: 'utf8', timeout: 80_000 });
  if (error !== undefined) return { absent: absence(error.message, howTo) };
  const text = stderr + stdout;
  const forward = averageOf(text, 'Forward pass');
  const both = averageOf(text, 'Forward-Backward');
  if (forward !== undefined && both !== undefined) return { forward, both };
  return { absent: absence(`${binary} time gave no averages: ${text.trim().split('\n').at(-1)}`, howTo) };
}

/** From "Average Forward pass: 12.5 ms.", in seconds. */
export function averageOf(text: string, what: string): number | undefined {
  const found = new RegExp(`Average ${what}: ([\\d.]+(?:e[+-]?\\d+)?) ms`).exec(text);
  return found === null ? undefined : Number(found[1]) / 1000;
}
