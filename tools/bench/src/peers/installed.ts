import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from '../entry.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'peers');
const howTo = 'install it: npm install --ignore-scripts --omit=optional --prefix tools/bench/peers';

/** What we are measured against, or why it is absent. */
export type Peer<T> = { module: T } | { absent: string };

/**
 * Loads a peer from `tools/bench/peers`, which lies outside the workspace so that nobody downloads peers who only wants
 * to train. Installs them on the first use where the context allows it.
 */
export function loadPeer<T>(name: string, context: BenchContext): Peer<T> {
  installPeer(name, context);
  try {
    return { module: requirePeer(name) as T };
  } catch (error) {
    return { absent: absence(error instanceof Error ? error.message : String(error)) };
  }
}

export function absence(problem: string, how = howTo): string {
  return `absent (${problem.split('\n')[0]}); ${how}`;
}

/** Installs the peers, without running their scripts, where that one is missing and the context allows it. */
export function installPeer(name: string, context: BenchContext): void {
  if (existsSync(join(folder, 'node_modules', name)) || !context.installPeers) return;
  context.progress('installing peers (npm install --ignore-scripts in tools/bench/peers)');
  const options = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=optional'];
  spawnSync('npm', options, { cwd: folder, stdio: 'ignore', timeout: 300_000, shell: process.platform === 'win32' });
}

/** @throws where it is not installed. */
export function requirePeer(name: string): unknown {
  return createRequire(join(folder, 'package.json'))(name);
}
