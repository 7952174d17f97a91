import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CaffeError } from '@jacinto/proto/errors';

export interface CommandOptions {
  package: string;
  command: string;
  args: readonly string[];
  /** Where it runs. */
  folder: string;
  /** All it writes is appended to this file. */
  log: string;
  onLine?: (line: string) => void;
}

/**
 * Runs a command of an installed package as a user would. Ctrl-C reaches it once, so that a training makes its snapshot.
 * @returns whether a signal ended it. @throws CaffeError 'missing' where it is not built, 'io' with its last lines where
 * it fails.
 */
export async function runCommand({ args, folder, log, onLine, ...named }: CommandOptions): Promise<boolean> {
  const ownGroup = process.platform !== 'win32';
  const child = spawn(process.execPath, [pathOf(named.package, named.command), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: ownGroup, // else a terminal's Ctrl-C would reach it beside the one that is passed on
  });
  const file = createWriteStream(log, { flags: 'a' });
  const last: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      file.write(`${line}\n`);
      last.push(line);
      if (last.length > 10) last.shift();
      onLine?.(line);
    });
  }
  const { code, interrupted } = await ended(child, ownGroup);
  await new Promise<void>((resolve) => file.end(resolve));
  if (code === 0 || interrupted) return code !== 0;
  throw new CaffeError({
    code: 'io',
    problem: `${named.command} ended with code ${code}:\n${last.join('\n')}\n`,
    fix: `read ${log}`,
  });
}

async function ended(child: ChildProcess, ownGroup: boolean): Promise<{ code: number | null; interrupted: boolean }> {
  let interrupted = false;
  const passOn = (signal: NodeJS.Signals) => () => {
    interrupted = true;
    if (ownGroup || signal !== 'SIGINT') child.kill(signal);
  };
  // A terminal that closes ends the training as Ctrl-C does: with a snapshot.
  const handlers = { SIGINT: passOn('SIGINT'), SIGHUP: passOn('SIGINT'), SIGTERM: passOn('SIGTERM') };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    return { code, interrupted };
  } finally {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  }
}

/** Path of a command, as the package that holds it names it. */
function pathOf(packageName: string, command: string): string {
  const folders = createRequire(import.meta.url).resolve.paths(packageName) ?? [];
  const folder = folders.map((one) => join(one, packageName)).find((one) => existsSync(join(one, 'package.json')));
  if (folder === undefined) {
    throw new CaffeError({ code: 'missing', problem: `${packageName} is not installed`, fix: 'run npm install' });
  }
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  const path = join(folder, bin[command] ?? command);
  // What lies in bin/ only leads to the built file.
  if (!existsSync(path) || !existsSync(join(folder, 'dist'))) {
    throw new CaffeError({ code: 'missing', problem: `${command} is not built`, fix: 'run npm run build' });
  }
  return path;
}
