import { availableParallelism, cpus, totalmem } from 'node:os';
import { CaffeError } from '@jacinto/proto/errors';
import { backendNames, createBackend } from '../create-backend.ts';
import type { Command } from './command.ts';

/** `caffe device_query`: what could compute here. */
export const deviceQuery: Command = async (flags, env) => {
  env.log.info('caffe.cpp:121', `Querying GPUs ${flags.gpu === '' ? 'all' : flags.gpu}`);
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const rows: [string, string][] = [
    ['Processor', cpus()[0]?.model.trim() ?? 'unknown'],
    ['Cores usable', String(availableParallelism())],
    ['Total memory', gib(totalmem())],
    ['GPU backends installed', 'none'],
  ];
  for (const name of backendNames) {
    const backend = await createBackend(name, flags.threads).catch((error: unknown) => {
      if (!(error instanceof CaffeError) || error.facts.code !== 'unsupported') throw error;
      rows.push([`Backend ${name}`, `absent: ${error.message}`]);
    });
    if (backend === undefined) continue;
    rows.push([`Backend ${name}`, backend.description]);
    rows.push(['  Threads', String(backend.threads)], ['  Data types', backend.dataTypes.join(', ')]);
    await backend.dispose();
  }
  const chosen = await createBackend('auto', flags.threads);
  rows.push(['Backend by default', chosen.name]);
  await chosen.dispose();
  env.print(rows.map(([label, value]) => `${`${label}:`.padEnd(31)}${value}\n`).join(''));
};
