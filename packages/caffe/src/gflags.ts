import { CaffeError, unknownName } from '@jacinto/proto/errors';

interface FlagBase {
  description: string;
}
/** A flag of one kind; `list` may be given several times and collects the values. */
export type Flag = FlagBase &
  (
    | { kind: 'string'; default: string }
    | { kind: 'integer'; default: number }
    | { kind: 'number'; default: number }
    | { kind: 'boolean'; default: boolean }
    | { kind: 'list'; default: readonly string[] }
  );

export type Flags = Readonly<Record<string, Flag>>;

export type FlagValues<F extends Flags> = {
  -readonly [K in keyof F]: F[K]['kind'] extends 'string'
    ? string
    : F[K]['kind'] extends 'integer' | 'number'
      ? number
      : F[K]['kind'] extends 'boolean'
        ? boolean
        : readonly string[];
};

export interface ParsedFlags<F extends Flags> {
  values: FlagValues<F>;
  /** Flags that stand on the command line. */
  given: ReadonlySet<string>;
  /** What is no flag: the command. */
  positional: readonly string[];
}

const truths: Readonly<Record<string, boolean>> = {
  true: true,
  t: true,
  yes: true,
  y: true,
  '1': true,
  false: false,
  f: false,
  no: false,
  n: false,
  '0': false,
};

/**
 * Reads a command line as gflags does: `--name=value`, `--name value`, one dash or two, `--bool`, `--nobool`,
 * `--bool=false`; `-` and `_` in names are the same; flags and positional arguments in any order; `--` ends the flags.
 * @throws CaffeError 'usage' for an unknown flag (naming the nearest), a missing or an unusable value.
 */
export function parseFlags<const F extends Flags>(flags: F, args: readonly string[]): ParsedFlags<F> {
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) values[name] = flag.default;
  const given = new Set<string>();
  const positional: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--') {
      positional.push(...args.slice(i + 1));
      break;
    }
    if (!arg.startsWith('-') || arg === '-') {
      positional.push(arg);
      continue;
    }
    const { name, negated, text } = split(flags, arg);
    const flag = flags[name]!;
    let value = text;
    if (flag.kind === 'boolean') value = negated ? 'false' : (text ?? 'true');
    else if (value === undefined) value = args[++i];
    if (value === undefined) throw usage(`--${name} needs a value`, `write --${name}=VALUE`);
    const converted = convert(name, flag, value);
    values[name] = flag.kind === 'list' ? [...(values[name] as string[]), converted] : converted;
    given.add(name);
  }
  return { values: values as FlagValues<F>, given, positional };
}

function split(flags: Flags, arg: string): { name: string; negated: boolean; text: string | undefined } {
  const body = arg.replace(/^--?/, '');
  const equals = body.indexOf('=');
  const written = equals < 0 ? body : body.slice(0, equals);
  const text = equals < 0 ? undefined : body.slice(equals + 1);
  const name = written.replaceAll('-', '_');
  if (Object.hasOwn(flags, name)) return { name, negated: false, text };
  const positive = name.replace(/^no_?/, '');
  if (positive !== name && text === undefined && Object.hasOwn(flags, positive)) {
    if (flags[positive]!.kind === 'boolean') return { name: positive, negated: true, text };
  }
  const { problem, fix } = unknownName('', written, Object.keys(flags)).facts;
  throw usage(`flag ${problem}`, fix?.replace(/"(.*)"/, '--$1'));
}

function convert(name: string, flag: Flag, text: string): unknown {
  if (flag.kind === 'boolean') {
    const value = truths[text.toLowerCase()];
    if (value === undefined) throw usage(`--${name} is "${text}"`, 'use true or false');
    return value;
  }
  if (flag.kind === 'number') {
    if (text.trim() === '' || !Number.isFinite(Number(text))) throw usage(`--${name} is "${text}"`, 'use a number');
    return Number(text);
  }
  if (flag.kind !== 'integer') return text;
  if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(Number(text))) {
    throw usage(`--${name} is "${text}"`, 'use a whole number');
  }
  return Number(text);
}

function usage(problem: string, fix?: string): CaffeError {
  return new CaffeError({ code: 'usage', problem, fix });
}

/** The flags in words, as gflags lists them under a program's usage. */
export function describeFlags(flags: Flags): string {
  return Object.entries(flags)
    .map(([name, flag]) => {
      const shown = flag.kind === 'list' ? '' : flag.kind === 'string' ? `"${flag.default}"` : String(flag.default);
      const type = { boolean: 'bool', integer: 'int32', number: 'double', string: 'string', list: 'string' }[flag.kind];
      const end = flag.kind === 'list' ? 'type: string, may be given several times' : `type: ${type} default: ${shown}`;
      return `    -${name} (${flag.description})\n      ${end}\n`;
    })
    .join('');
}
