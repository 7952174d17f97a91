import { joinChunks } from '../binary/backward-writer.ts';
import { utf8Text } from '../binary/utf8.ts';
import { type CaffeError, nearest } from '../errors/index.ts';
import type { FieldInfo } from '../messages/field-info.ts';
import { literalBytes } from './string-literal.ts';
import type { Token, Tokenizer } from './tokenizer.ts';

type Fail = (at: Token, problem: string, fix?: string) => CaffeError;

/** The NaN that "-nan" writes: its sign is kept in the binary form. */
const NEGATIVE_NAN = new Float64Array(new Uint32Array([0, 0xfff80000]).buffer)[0]!;

const TRUTH = new Map([
  ['true', true],
  ['True', true],
  ['t', true],
  ['false', false],
  ['False', false],
  ['f', false],
]);

const LIMITS: Record<string, [bigint, bigint]> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  enum: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** Reads one scalar value of `field` at the present token. */
export function readValue(tokens: Tokenizer, field: FieldInfo, fail: Fail): unknown {
  switch (field.kind) {
    case 'string':
      return utf8Text(readString(tokens, fail));
    case 'bytes':
      return readString(tokens, fail);
    case 'bool':
      return readBool(tokens, fail);
    case 'enum':
      return readEnum(tokens, field, fail);
    case 'float':
      return rounded(readFloat(tokens, fail));
    case 'double':
      return readFloat(tokens, fail);
    default:
      return readInteger(tokens, field.kind, fail);
  }
}

const given = (token: Token, sign = ''): string => (token.kind === 'end' ? 'nothing' : sign + token.text);

function readString(tokens: Tokenizer, fail: Fail): Uint8Array {
  const first = tokens.token;
  if (first.kind !== 'string') throw fail(first, `is ${given(first)}, not a string`, 'put it in quotes');
  const parts: Uint8Array[] = [];
  while (tokens.token.kind === 'string') {
    const bytes = literalBytes(tokens.token.text);
    if ('badEscape' in bytes) {
      throw fail(tokens.token, `has the unknown escape ${bytes.badEscape}`, 'write \\\\ for a backslash');
    }
    parts.push(bytes);
    tokens.next();
  }
  return parts.length === 1 ? parts[0]! : joinChunks(parts);
}

function readBool(tokens: Tokenizer, fail: Fail): boolean {
  const { token } = tokens;
  if (token.kind === 'integer') return readInteger(tokens, 'bool', fail) === 1;
  const value = TRUTH.get(token.text);
  if (value === undefined) throw fail(token, `is ${given(token)}, not a truth value`, 'use true or false');
  tokens.next();
  return value;
}

function readEnum(tokens: Tokenizer, field: FieldInfo, fail: Fail): number {
  const { token } = tokens;
  const values = field.enumValues!;
  const names = Object.keys(values);
  const list = `use one of ${names.slice(0, 40).join(', ')}`;
  if (token.kind === 'identifier') {
    if (!Object.hasOwn(values, token.text)) {
      const near = nearest(token.text, names);
      throw fail(
        token,
        `is ${token.text}, no value of ${field.typeName}`,
        near ? `did you mean ${near}? (${list})` : list,
      );
    }
    tokens.next();
    return values[token.text]!;
  }
  if (token.kind !== 'integer' && token.text !== '-') {
    throw fail(token, `is ${given(token)}, not a name or number of ${field.typeName}`, list);
  }
  const number = readInteger(tokens, 'enum', fail) as number;
  if (!field.enumNames!.has(number)) throw fail(token, `is ${number}, no value of ${field.typeName}`, list);
  return number;
}

function readInteger(tokens: Tokenizer, kind: string, fail: Fail): number | bigint {
  const first = tokens.token;
  const [lowest, highest] = kind === 'bool' ? [0n, 1n] : LIMITS[kind]!;
  const negative = first.text === '-' && first.kind === 'symbol';
  if (negative) tokens.next();
  const { token } = tokens;
  if (token.kind !== 'integer') {
    throw fail(
      first,
      `is ${given(token, negative ? '-' : '')}, not a whole number`,
      kind === 'bool' ? 'use true or false' : `use ${lowest} to ${highest}`,
    );
  }
  const magnitude = integerOf(token.text);
  const value = negative ? -magnitude : magnitude;
  if (value < lowest || value > highest)
    throw fail(first, `is ${negative ? '-' : ''}${token.text}, out of range`, `use ${lowest} to ${highest}`);
  tokens.next();
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function integerOf(text: string): bigint {
  if (/^0[0-7]+$/.test(text)) return BigInt(`0o${text.slice(1)}`);
  return BigInt(text);
}

function readFloat(tokens: Tokenizer, fail: Fail): number {
  const first = tokens.token;
  const negative = first.kind === 'symbol' && first.text === '-';
  if (negative) tokens.next();
  const { token } = tokens;
  const value = floatOf(token);
  if (value === undefined) {
    const octal = token.kind === 'integer';
    const problem = `is ${given(token, negative ? '-' : '')}, not a ${octal ? 'decimal ' : ''}number`;
    throw fail(first, problem, octal ? 'drop the leading 0' : undefined);
  }
  tokens.next();
  if (Number.isNaN(value)) return negative ? NEGATIVE_NAN : Number.NaN;
  return negative ? -value : value;
}

const LARGEST_FLOAT = 3.4028234663852886e38;

/** To float as protobuf does: what lies exactly between the largest float and the next power of 2 is no infinity. */
function rounded(value: number): number {
  const isTie = Math.abs(value) === 3.4028235677973366e38;
  return isTie ? Math.sign(value) * LARGEST_FLOAT : Math.fround(value);
}

/** The value of a token where a float is wanted: hexadecimal and octal are refused, as protobuf does. */
function floatOf({ kind, text }: Token): number | undefined {
  if (kind === 'integer') return /^0[0-9xX]/.test(text) ? undefined : Number(text);
  if (kind === 'float') return Number(text.replace(/[fF]$/, ''));
  if (kind !== 'identifier') return undefined;
  if (/^(inf|infinity)$/i.test(text)) return Number.POSITIVE_INFINITY;
  return /^nan$/i.test(text) ? Number.NaN : undefined;
}
