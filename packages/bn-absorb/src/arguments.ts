import { parseArgs } from 'node:util';
import { CaffeError, firstSentence, nearest } from '@jacinto/proto';

export const help = `usage: bn-absorb MODEL.prototxt WEIGHTS.caffemodel OUT/ [options]

Merges BatchNorm and Scale layers into the convolutions, deconvolutions and inner products beside them, runs the net
before and after on the same input, and writes OUT/MODEL.prototxt and OUT/WEIGHTS.caffemodel (for the TEST phase).

  --remove         take the merged layers out (default: they stay, as identities)
  --compat         merge exactly as caffe-jacinto 0.17 did, faults included
  --tolerance T    largest difference of outputs that is accepted, relative to the blob's largest value (default 1e-4)
  --no-check       do not run the net
  --seed N         seed of the values that Input layers get in the check (default 1)
  --help           this text

The check needs @jacinto/caffe, or @jacinto/net and @jacinto/layers, in the current folder's node_modules.
`;

export interface Arguments {
  model: string;
  weights: string;
  folder: string;
  remove: boolean;
  compat: boolean;
  check: boolean;
  tolerance: number;
  seed: number;
}

const flags = {
  remove: { type: 'boolean' },
  compat: { type: 'boolean' },
  tolerance: { type: 'string' },
  'no-check': { type: 'boolean' },
  seed: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The command's arguments, or 'help'. @throws CaffeError 'usage'. */
export function parseArguments(args: readonly string[]): Arguments | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [model, weights, folder] = positionals;
  if (model === undefined || weights === undefined || folder === undefined || positionals.length > 3) {
    const problem = `needs MODEL.prototxt, WEIGHTS.caffemodel and OUT/, and got ${positionals.length} arguments`;
    throw new CaffeError({ code: 'usage', problem, fix: 'see bn-absorb --help' });
  }
  return {
    ...{ model, weights, folder, remove: values.remove ?? false, compat: values.compat ?? false },
    check: !values['no-check'],
    tolerance: numberOf('tolerance', values.tolerance ?? '1e-4', 0),
    seed: numberOf('seed', values.seed ?? '1', 0),
  };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    const unknown = args.find((arg) => /^--?[a-z]/.test(arg) && !(arg.replace(/^--?/, '').split('=')[0]! in flags));
    const near =
      unknown === undefined ? undefined : nearest(unknown.replace(/^--?/, '').split('=')[0]!, Object.keys(flags));
    const problem = unknown === undefined ? firstSentence(error) : `${unknown} is not known`;
    const fix = near === undefined ? 'see bn-absorb --help' : `did you mean --${near}?`;
    throw new CaffeError({ code: 'usage', problem, fix }, { cause: error });
  }
}

function numberOf(flag: string, text: string, least: number): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
  throw new CaffeError({ code: 'usage', problem: `--${flag} is "${text}"`, fix: `use a number from ${least} on` });
}
