import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchContext } from './entry.ts';

const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'peers');

/** What we are measured against, or why it is absent. */
export type Peer<T> = { module: T } | { absent: string };

/**
 * Loads a peer from `tools/bench/peers`, which lies outside the workspace so that nobody downloads peers who only wants
 * to train. Installs them on the first use, without running their scripts, where the context allows it.
 */
export function loadPeer<T>(name: string, context: BenchContext): Peer<T> {
  if (!existsSync(join(folder, 'node_modules', name)) && context.installPeers) {
    context.progress('installing peers (npm install --ignore-scripts in tools/bench/peers)');
    const options = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=optional'];
    spawnSync('npm', options, { cwd: folder, stdio: 'ignore', timeout: 300_000, shell: process.platform === 'win32' });
  }
  try {
    return { module: createRequire(join(folder, 'package.json'))(name) as T };
  } catch (error) {
    const problem = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return { absent: `absent (${problem}); install it: npm install --ignore-scripts --prefix tools/bench/peers` };
  }
}
