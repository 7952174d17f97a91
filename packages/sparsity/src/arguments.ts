import { parseArgs } from 'node:util';
import { CaffeError, firstSentence, nearest } from '@jacinto/proto';
import type { Fractions } from './convolution.ts';
import { type Method, parseMethod } from './methods.ts';
import type { Caps } from './threshold.ts';

export const help = `usage: sparsity MODEL.prototxt WEIGHTS.caffemodel [options]

Prints which share of each convolution's weights is 0. With --target or --fractions it first makes weights 0, the
smallest ones, and saves the result.

  --target T          share of all counted convolution weights that is to be 0, 0 to 1: layers are thresholded by a
                      factor that rises from T in steps of 0.01 until T is reached (at most to min(T + 0.15, 0.95))
  --fractions L,M,H   one pass with these fractions for small, middle and large layers, instead of --target
  --method METHOD     channel (default), layer (caffe-jacinto 0.16), N:M as 2:4, filters, inputs, blockRxC as block4x1
  --max-ratio R       cap of the threshold, as a share of the largest |w| (default 1: no cap; training uses 0.2)
  --value-max V       cap of the threshold (default: none; training uses 0.2)
  --exclude NAMES     layers to leave alone, separated by commas; * stands for any letters
  --output FILE       where the weights go (default: WEIGHTS_sparse.caffemodel in the current folder)
  --svg FILE          a picture of the sparsity by layer
  --help              this text

Convolutions with fewer than 32 inputs and outputs, depthwise ones, and those with a kernel side under 3 stay dense.
`;

export interface Arguments {
  model: string;
  weights: string;
  goal: { target: number } | { fractions: Fractions } | undefined;
  method: Method;
  caps: Required<Caps>;
  exclude: string[];
  output: string | undefined;
  svg: string | undefined;
}

const flags = {
  target: { type: 'string' },
  fractions: { type: 'string' },
  method: { type: 'string' },
  'max-ratio': { type: 'string' },
  'value-max': { type: 'string' },
  exclude: { type: 'string' },
  output: { type: 'string' },
  svg: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** The command's arguments, or 'help'. @throws CaffeError 'usage'. */
export function parseArguments(args: readonly string[]): Arguments | 'help' {
  const { values, positionals } = parsed(args);
  if (values.help) return 'help';
  const [model, weights] = positionals;
  if (model === undefined || weights === undefined || positionals.length > 2) {
    const problem = `needs MODEL.prototxt and WEIGHTS.caffemodel, and got ${positionals.length} arguments`;
    throw new CaffeError({ code: 'usage', problem, fix: 'see sparsity --help' });
  }
  return {
    ...{ model, weights, goal: goalOf(values.target, values.fractions), output: values.output, svg: values.svg },
    method: methodOf(values.method),
    caps: {
      maxRatio: numberOf('max-ratio', values['max-ratio'] ?? '1', 1),
      valueMax: numberOf('value-max', values['value-max'] ?? 'Infinity', Infinity),
    },
    exclude: (values.exclude ?? '').split(',').filter((name) => name !== ''),
  };
}

function goalOf(target: string | undefined, fractions: string | undefined): Arguments['goal'] {
  if (target !== undefined && fractions !== undefined) {
    throw new CaffeError({
      code: 'usage',
      problem: '--target and --fractions are both given',
      fix: 'keep one of them',
    });
  }
  if (target !== undefined) return { target: numberOf('target', target, 1) };
  if (fractions === undefined) return undefined;
  const parts = fractions.split(',');
  if (parts.length !== 3) {
    throw new CaffeError({
      code: 'usage',
      problem: `--fractions is "${fractions}"`,
      fix: 'give three, as in 0.4,0.8,0.8',
    });
  }
  const [low, mid, high] = parts.map((part) => numberOf('fractions', part, 1)) as [number, number, number];
  return { fractions: { low, mid, high } };
}

function methodOf(text = 'channel'): Method {
  try {
    return parseMethod(text);
  } catch (error) {
    if (!(error instanceof CaffeError)) throw error;
    throw new CaffeError({ code: 'usage', problem: `--method ${error.facts.problem}`, fix: error.facts.fix });
  }
}

function numberOf(flag: string, text: string, most: number): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= most) return value;
  const fix = most === Infinity ? 'use a number from 0 on' : `use a number from 0 to ${most}`;
  throw new CaffeError({ code: 'usage', problem: `--${flag} is "${text}"`, fix });
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    const names = args.filter((arg) => /^--?[a-z]/.test(arg)).map((arg) => arg.replace(/^--?/, '').split('=')[0]!);
    const unknown = names.find((name) => !(name in flags));
    const near = unknown === undefined ? undefined : nearest(unknown, Object.keys(flags));
    const problem = unknown === undefined ? firstSentence(error) : `--${unknown} is not known`;
    const fix = near === undefined ? 'see sparsity --help' : `did you mean --${near}?`;
    throw new CaffeError({ code: 'usage', problem, fix }, { cause: error });
  }
}
