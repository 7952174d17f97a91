import { parseArgs } from 'node:util';
import { CaffeError, firstSentence, unknownName } from '@jacinto/proto/errors';
import { checkPercentile, type RangeMethod } from '../clipped-range.ts';
import type { QuantizationFields } from '../settings.ts';
import type { Rounding } from '../trim.ts';

/** What the command was told. */
export interface Flags {
  model: string;
  weights: string;
  images?: string;
  lmdb?: string;
  /** Whether the net's own data layer is to be used. */
  own: boolean;
  batch?: number;
  batches: number;
  mean?: number[];
  scale?: number;
  settings: QuantizationFields;
  rounding: Rounding;
  compat: boolean;
  rangeMethod: RangeMethod;
  percentile?: number;
  weightsByChannel: boolean;
  sweep?: number[];
  integers: boolean;
  draw?: string;
  outputModel?: string;
  threads?: number;
}

const options = {
  images: { type: 'string' },
  lmdb: { type: 'string' },
  data: { type: 'boolean' },
  batch: { type: 'string' },
  batches: { type: 'string' },
  mean: { type: 'string' },
  scale: { type: 'string' },
  bits: { type: 'string' },
  weight_bits: { type: 'string' },
  activation_bits: { type: 'string' },
  bias_bits: { type: 'string' },
  power2: { type: 'boolean' },
  no_offset_weights: { type: 'boolean' },
  offset_activations: { type: 'boolean' },
  ignore: { type: 'string', multiple: true },
  start: { type: 'string' },
  rounding: { type: 'string' },
  compat: { type: 'string' },
  range: { type: 'string' },
  percentile: { type: 'string' },
  weights_by_channel: { type: 'boolean' },
  sweep: { type: 'string' },
  integers: { type: 'boolean' },
  draw: { type: 'string' },
  output_model: { type: 'string' },
  threads: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/**
 * Reads the command's arguments; `_` and `-` in names are one. Undefined: help is wanted.
 * @throws CaffeError 'usage' for flags that do not exist, and values that do not fit.
 */
export function readFlags(args: readonly string[]): Flags | undefined {
  const same = args.map((arg) =>
    arg.startsWith('--') ? arg.replace(/^--[^=]*/, (name) => `--${name.slice(2).replaceAll('-', '_')}`) : arg,
  );
  for (const arg of same) {
    const name = /^--([^=]+)/.exec(arg)?.[1];
    if (name !== undefined && !Object.hasOwn(options, name)) {
      throw usage(`--${name} is not known`, unknownName('flag', name, Object.keys(options)).facts.fix);
    }
  }
  const { values, positionals } = parsed(same);
  if (values.help || args.length === 0) return undefined;
  const [model, weights, extra] = positionals;
  if (model === undefined || weights === undefined || extra !== undefined) {
    throw usage(
      `${positionals.length} file names are given`,
      'give a model and its weights: model.prototxt weights.caffemodel',
    );
  }
  const bits = whole('bits', values.bits, 1, 16);
  const sources = [values.images, values.lmdb, values.data].filter((given) => given !== undefined);
  if (sources.length > 1) throw usage('--images, --lmdb and --data are given together', 'give one of them');
  return {
    ...{ model, weights, images: values.images, lmdb: values.lmdb, own: values.data === true },
    batch: whole('batch', values.batch, 1, 65536),
    batches: whole('batches', values.batches, 1, 1e9) ?? 10,
    mean: list('mean', values.mean),
    scale: values.scale === undefined ? undefined : number('scale', values.scale),
    settings: defined({
      bitwidthWeights: whole('weight_bits', values.weight_bits, 1, 16) ?? bits,
      bitwidthActivations: whole('activation_bits', values.activation_bits, 1, 16) ?? bits,
      bitwidthBias: whole('bias_bits', values.bias_bits, 1, 24),
      power2ScaleWeights: values.power2,
      power2ScaleActivations: values.power2,
      applyOffsetWeights: values.no_offset_weights === true ? false : undefined,
      applyOffsetActivations: values.offset_activations,
      ignoredLayerNames: values.ignore,
      quantizationStart: whole('start', values.start, 1, 1e9),
    }),
    rounding: oneOf('rounding', values.rounding ?? 'gpu', ['gpu', 'cpu'] as const),
    compat:
      values.compat !== undefined && oneOf('compat', values.compat, ['caffe-jacinto-0.17'] as const) !== undefined,
    ...rangeFlags(values.range, values.percentile),
    weightsByChannel: values.weights_by_channel === true,
    sweep: list('sweep', values.sweep)?.map((each) => whole('sweep', String(each), 1, 16)!),
    integers: values.integers === true,
    ...{ draw: values.draw, outputModel: values.output_model, threads: whole('threads', values.threads, 1, 256) },
  };
}

function rangeFlags(range: string | undefined, percent: string | undefined): Pick<Flags, 'rangeMethod' | 'percentile'> {
  const named = oneOf('range', range ?? 'minmax', ['minmax', 'percentile', 'kl'] as const);
  if (percent === undefined) return { rangeMethod: named };
  if (range !== undefined && named !== 'percentile') {
    throw usage(`--percentile is given with --range ${range}`, 'use --range percentile');
  }
  const percentile = number('percentile', percent);
  checkPercentile(percentile);
  return { rangeMethod: 'percentile', percentile };
}

function parsed(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw usage(firstSentence(error).replace(/'/g, '"'), 'see --help');
  }
}

const usage = (problem: string, fix?: string): CaffeError => new CaffeError({ code: 'usage', problem, fix });

function number(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) throw usage(`--${name} is "${text}"`, 'use a number');
  return value;
}

function whole(name: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() !== '' && Number.isInteger(value) && value >= least && value <= most) return value;
  throw usage(`--${name} is "${text}"`, `use ${least} to ${most}`);
}

function list(name: string, text: string | undefined): number[] | undefined {
  return text?.split(',').map((each) => number(name, each));
}

function oneOf<T extends string>(name: string, value: string, known: readonly T[]): T {
  if (known.includes(value as T)) return value as T;
  throw usage(`--${name} is "${value}"`, `use ${known.join(' or ')}`);
}

/** Only the fields that were given. */
function defined(fields: QuantizationFields): QuantizationFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
