import { loadPlugin } from '@jacinto/net/node';
import { CaffeError, nearest } from '@jacinto/proto/errors';
import { commands, laterCommands } from './commands/commands.ts';
import { createBackend } from './create-backend.ts';
import type { Environment } from './environment.ts';
import { type CaffeFlags, caffeFlags } from './flags.ts';
import { parseFlags } from './gflags.ts';
import { createLog } from './glog.ts';
import { ProgressBar } from './progress.ts';
import { createRegistry } from './registry.ts';
import type { SignalSource } from './signals.ts';
import { usage } from './usage.ts';
import { version } from './version.ts';

/** The world as `caffe` sees it. */
export interface World {
  args: readonly string[];
  stdout: (text: string) => void;
  stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
  signals: SignalSource;
  quit: (code: number) => void;
}

/**
 * Runs `caffe` with its arguments (without node and script); gives the exit code: 0, or 1 after an error, which is one
 * line on stderr, with a stack trace only where --debug is given.
 */
export async function runCaffe(world: World): Promise<number> {
  const bar = new ProgressBar(world.stderr);
  const write = (text: string): void => bar.write(text);
  const debug = world.args.some((arg) => /^--?debug(=true|=1)?$/.test(arg));
  try {
    const { values, positional } = parseFlags(caffeFlags, world.args);
    if (values.version) world.stdout(`caffe version ${version}\n`);
    else if (values.help || positional.length !== 1) world.stdout(usage());
    else {
      const log = createLog({ write, quiet: values.quiet });
      const env = { log, print: world.stdout, bar, signals: world.signals, quit: world.quit };
      await runCommand(positional[0]!, values, env, world.args);
    }
    return 0;
  } catch (error) {
    bar.end();
    createLog({ write }).error('caffe.cpp:0', errorText(error, debug));
    return 1;
  }
}

async function runCommand(name: string, flags: CaffeFlags, env: Environment, args: readonly string[]): Promise<void> {
  const command = Object.hasOwn(commands, name) ? commands[name]! : unknownCommand(name, env);
  const { log } = env;
  log.info('caffe.cpp:449', `This is Jacinto ${version}, after NVCaffe 0.17, started at ${new Date().toString()}`);
  log.info('caffe.cpp:455', `Arguments: \n${['caffe', ...args].map((arg, i) => `[${i}]: ${arg}`).join('\n')}`);
  const registry = createRegistry();
  for (const path of flags.plugin) for (const layer of await loadPlugin(path)) registry.register(layer);
  const backend = await createBackend(flags.backend, flags.threads);
  try {
    log.info('caffe.cpp:460', `Backend: ${backend.description}`);
    await command(flags, env, { backend, registry });
  } finally {
    await backend.dispose();
  }
}

function unknownCommand(name: string, { log }: Environment): never {
  if (laterCommands.includes(name)) {
    throw new CaffeError({ code: 'unsupported', problem: `the action ${name} is not built yet` });
  }
  log.error('caffe.cpp:72', 'Available caffe actions:');
  for (const action of Object.keys(commands)) log.error('caffe.cpp:75', `\t${action}`);
  const near = nearest(name, Object.keys(commands));
  const fix = near === undefined ? undefined : `did you mean ${near}?`;
  throw new CaffeError({ code: 'usage', problem: `Unknown action: ${name}`, fix });
}

function errorText(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (debug) return `${error.stack ?? error.message}${causes(error)}`;
  if (error instanceof CaffeError) return error.message;
  return `${error.message || error.name}; this is a fault of Jacinto: run again with --debug and report it`;
}

function causes(error: Error): string {
  return error.cause instanceof Error ? `\nCaused by: ${error.cause.stack}${causes(error.cause)}` : '';
}
