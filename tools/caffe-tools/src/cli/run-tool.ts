import {
  createLog,
  describeFlags,
  type Flags,
  type Log,
  type ParsedFlags,
  ProgressBar,
  parseFlags,
} from '@jacinto/caffe/command-line';
import { CaffeError } from '@jacinto/proto/errors';

/** The world as a tool sees it. */
export interface World {
  args: readonly string[];
  stdout: (text: string) => void;
  stderr: { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };
}

export interface ToolContext<F extends Flags> {
  flags: ParsedFlags<F>['values'];
  /** What is no flag. */
  files: readonly string[];
  log: Log;
  bar: ProgressBar;
}

export interface Tool<F extends Flags> {
  name: string;
  /** As Caffe prints it, without the flags. */
  usage: string;
  flags: F;
  /** Least and largest number of arguments that are no flags. */
  files: readonly [number, number];
  /** Gives the exit code. */
  run(context: ToolContext<F>): number | Promise<number>;
}

/** Flags that every tool takes; those of glog are accepted, and the log always goes to the terminal. */
const commonFlags = {
  quiet: {
    kind: 'boolean',
    default: false,
    description: 'Optional; no log, only the progress bar, warnings and errors.',
  },
  debug: { kind: 'boolean', default: false, description: 'Optional; show where in the program an error arose.' },
  help: { kind: 'boolean', default: false, description: 'Show this text.' },
  logtostderr: { kind: 'boolean', default: true, description: "glog's; the log always goes to stderr." },
  alsologtostderr: { kind: 'boolean', default: true, description: "glog's; the log always goes to stderr." },
  minloglevel: { kind: 'integer', default: 0, description: "glog's; 1 and above: as --quiet." },
} as const satisfies Flags;

/**
 * Runs a tool with its arguments; gives the exit code. A wrong number of arguments prints the usage (1); an error is one
 * line on stderr, with a stack trace only where --debug is given (1).
 */
export async function runTool<const F extends Flags>(tool: Tool<F>, world: World): Promise<number> {
  const bar = new ProgressBar(world.stderr);
  const write = (text: string): void => bar.write(text);
  const flags = { ...tool.flags, ...commonFlags };
  const usage = `${tool.name}: ${tool.usage}\n\n  Flags:\n${describeFlags(flags)}`;
  let debug = false;
  try {
    const parsed = parseFlags<Flags>(flags, world.args);
    const values = parsed.values as Record<string, unknown>;
    const { positional } = parsed;
    debug = values['debug'] === true;
    if (values['help'] === true) {
      world.stdout(usage);
      return 0;
    }
    const [least, most] = tool.files;
    if (positional.length < least || positional.length > most) {
      world.stdout(usage);
      return 1;
    }
    const quiet = values['quiet'] === true || Number(values['minloglevel']) > 0;
    const log = createLog({ write, quiet });
    const code = await tool.run({ flags: values as ParsedFlags<F>['values'], files: positional, log, bar });
    bar.end();
    return code;
  } catch (error) {
    bar.end();
    createLog({ write }).error(`${tool.name}.cpp:0`, errorText(error, debug));
    return 1;
  }
}

function errorText(error: unknown, debug: boolean): string {
  if (!(error instanceof Error)) return String(error);
  if (debug) return error.stack ?? error.message;
  if (error instanceof CaffeError) return error.message;
  return `${error.message || error.name}; this is a fault of Jacinto: run again with --debug and report it`;
}

/** Runs a tool on this process. */
export async function runOnProcess<const F extends Flags>(tool: Tool<F>): Promise<void> {
  process.exitCode = await runTool(tool, {
    args: process.argv.slice(2),
    stdout: (text) => process.stdout.write(text),
    stderr: process.stderr,
  });
}
