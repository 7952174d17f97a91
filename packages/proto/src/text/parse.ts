import { CaffeError, nearest } from '../errors/index.ts';
import type { Messages } from '../generated/messages.ts';
import type { FieldInfo } from '../messages/field-info.ts';
import { setFieldLocation, setLocation } from '../messages/location.ts';
import { type AnyMessage, type MessageType, messageType } from '../messages/message-type.ts';
import { readValue } from './parse-value.ts';
import { type Token, Tokenizer } from './tokenizer.ts';

export interface ParseOptions<M = object> {
  /** The file the text came from, named in errors and in `locationOf`. */
  file?: string;
  /**
   * Merge into this message, as protobuf's TextFormat::Merge: a field given again replaces the value (messages merge
   * field by field). Without it a non-repeated field given twice is an error, as in Caffe.
   */
  into?: M;
}

/**
 * Reads a message in text form (prototxt), by protobuf's rules: comments, `{ }` and `< >`, optional colons before
 * messages, `[a, b]` lists, `;` and `,`, both quotes with C escapes and concatenation, hexadecimal and octal integers,
 * inf and nan, enums by name or number. Floats are rounded to float, as Caffe holds them.
 * @throws CaffeError with file, line, column, field and nearest known name.
 */
export function parseText<K extends keyof Messages>(
  type: K,
  text: string,
  options: ParseOptions<Messages[K]> = {},
): Messages[K] {
  const schemaType = messageType(type);
  const tokens = new Tokenizer(text, options.file);
  const message = (options.into ?? new schemaType.construct()) as AnyMessage;
  const parser = new Parser(tokens, options);
  setLocation(message, { file: options.file, line: 1, column: 1 });
  while (tokens.token.kind !== 'end') parser.field(schemaType, message);
  parser.checkRequired(schemaType, message, { line: 1, column: 1 });
  return message as unknown as Messages[K];
}

interface Scope {
  type: MessageType;
  message: AnyMessage;
  field: string;
}

class Parser {
  private readonly tokens: Tokenizer;
  private readonly file: string | undefined;
  private readonly merging: boolean;
  /** The messages being read, outermost first. */
  private readonly scopes: Scope[] = [];

  constructor(tokens: Tokenizer, { file, into }: ParseOptions) {
    this.tokens = tokens;
    this.file = file;
    this.merging = into !== undefined;
  }

  field(type: MessageType, message: AnyMessage): void {
    const { tokens } = this;
    const name = tokens.token;
    if (name.kind !== 'identifier') throw this.expectedName(name);
    const field = type.byName.get(name.text);
    if (field === undefined) throw this.unknownField(type, name);
    tokens.next();
    const key = field.camelName;
    if (field.label !== 'repeated' && !this.merging && Object.hasOwn(message, key)) {
      throw this.fail(name, field, 'is given twice', 'it may be given once: remove one of the two');
    }
    setFieldLocation(message, key, { file: this.file, line: name.line, column: name.column });
    const colon = this.accept(':');
    const isList = field.label === 'repeated' && tokens.token.text === '[' && tokens.token.kind === 'symbol';
    if (!colon && field.kind !== 'message') {
      throw this.fail(
        tokens.token,
        field,
        `needs ":" before its value, not ${shown(tokens.token)}`,
        `write ${field.name}: …`,
      );
    }
    if (isList) this.list(field, message);
    else this.value(field, message, name);
    if (!this.accept(';')) this.accept(',');
  }

  private list(field: FieldInfo, message: AnyMessage): void {
    this.tokens.next();
    if (this.accept(']')) return;
    for (;;) {
      this.value(field, message, this.tokens.token);
      if (this.accept(']')) return;
      if (!this.accept(',')) {
        throw this.fail(
          this.tokens.token,
          field,
          `has ${shown(this.tokens.token)} in its list`,
          'put "," between values, "]" after the last',
        );
      }
    }
  }

  private value(field: FieldInfo, message: AnyMessage, at: Token): void {
    const key = field.camelName;
    let value: unknown;
    if (field.kind === 'message') {
      const given = field.label === 'repeated' || !Object.hasOwn(message, key) ? undefined : message[key];
      value = this.message(field, (given ?? new field.message!.construct()) as AnyMessage, at);
    } else value = readValue(this.tokens, field, (token, problem, fix) => this.fail(token, field, problem, fix));
    if (field.label === 'repeated') (message[key] as unknown[]).push(value);
    else message[key] = value;
  }

  private message(field: FieldInfo, message: AnyMessage, at: Token): AnyMessage {
    const { tokens } = this;
    const angle = tokens.token.text === '<';
    if (!this.accept('{') && !this.accept('<')) {
      throw this.fail(
        tokens.token,
        field,
        `needs "{" before its fields, not ${shown(tokens.token)}`,
        `write ${field.name} { … }`,
      );
    }
    setLocation(message, { file: this.file, line: at.line, column: at.column });
    const type = field.message!;
    this.scopes.push({ type, message, field: field.name });
    const close = angle ? '>' : '}';
    while (!this.accept(close)) {
      const { token } = tokens;
      if (token.kind === 'end') {
        const opened = `${field.name} ${angle ? '<' : '{'} of line ${at.line}`;
        throw tokens.fail(`the text ends inside ${opened}`, `close it with "${close}"`);
      }
      this.field(type, message);
    }
    this.checkRequired(type, message, at);
    this.scopes.pop();
    return message;
  }

  checkRequired(type: MessageType, message: AnyMessage, at: { line: number; column: number }): void {
    for (const field of type.fields) {
      if (field.required && !Object.hasOwn(message, field.camelName)) {
        throw this.fail(at, field, `is missing in ${type.name}`, 'it is required: add it');
      }
    }
  }

  private accept(symbol: string): boolean {
    const { token } = this.tokens;
    if (token.kind !== 'symbol' || token.text !== symbol) return false;
    this.tokens.next();
    return true;
  }

  private expectedName(token: Token): CaffeError {
    const problem = `a field name should stand here, not ${shown(token)}`;
    if (token.text === '}' || token.text === '>') {
      return this.tokens.fail(`"${token.text}" closes nothing`, 'remove it, or open its message before it', token);
    }
    return this.tokens.fail(problem, token.text === '/' ? 'comments begin with #' : undefined, token);
  }

  private unknownField(type: MessageType, name: Token): CaffeError {
    const other = this.scopes.length === 0 ? otherRoot(type, name.text) : undefined;
    const near = nearest(name.text, type.byName.keys());
    return new CaffeError({
      ...this.place(name, name.text),
      code: 'unknown-name',
      problem: `is no field of ${type.name}`,
      fix:
        other ??
        (near === undefined ? 'remove it, or check which fork of Caffe this file is for' : `did you mean "${near}"?`),
    });
  }

  private fail(at: { line: number; column: number }, field: FieldInfo, problem: string, fix?: string): CaffeError {
    return new CaffeError({ ...this.place(at, field.name), code: 'bad-value', problem, fix });
  }

  /** File, line, column, the layer being read, and the field's path below it. */
  private place(at: { line: number; column: number }, field: string) {
    const names = [...this.scopes.map((scope) => scope.field), field];
    const outer = this.scopes[0];
    const name = outer?.message['name'];
    const type = outer?.message['type'];
    const isLayer = outer !== undefined && /^layers?$/.test(outer.field) && typeof name === 'string';
    return {
      file: this.file,
      line: at.line,
      column: at.column,
      layer: isLayer ? (name as string) : undefined,
      layerType: isLayer && typeof type === 'string' ? type : undefined,
      field: (isLayer ? names.slice(1) : names).join('.'),
    };
  }
}

/** What a root field hints at that belongs to the other kind of file. */
function otherRoot(type: MessageType, name: string): string | undefined {
  const isSolver = type.name === 'NetParameter' && messageType('SolverParameter').byName.has(name);
  if (isSolver) return 'this looks like a solver: give the prototxt of a net here';
  const isNet = type.name === 'SolverParameter' && messageType('NetParameter').byName.has(name);
  return isNet ? 'this looks like a net: give the prototxt of a solver here' : undefined;
}

export function shown(token: Token): string {
  if (token.kind === 'end') return 'the end of the text';
  return token.kind === 'string' ? token.text : `"${token.text}"`;
}
