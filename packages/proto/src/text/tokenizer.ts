import { CaffeError } from '../errors/index.ts';

/** What a token is; 'end' stands after the last one. */
export type TokenKind = 'identifier' | 'integer' | 'float' | 'string' | 'symbol' | 'end';

export interface Token {
  kind: TokenKind;
  /** As written; strings with their quotes. */
  text: string;
  line: number;
  column: number;
}

const SPACE = /(?:[ \t\r\n\v\f]+|#[^\n]*)+/y;
const WORD = /[A-Za-z_]\w*/y;
const HEX = /0[xX][0-9a-fA-F]*/y;
const OCTAL = /0\d+/y;
const DECIMAL = /(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d*)?[fF]?/y;
const STRING = /"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*'/y;

/** Cuts text into tokens by the rules of protobuf's text format (C++ tokenizer). Errors carry line and column. */
export class Tokenizer {
  token: Token = { kind: 'end', text: '', line: 1, column: 1 };
  private readonly text: string;
  private readonly file: string | undefined;
  private pos = 0;
  private line = 1;
  private lineStart = 0;

  constructor(text: string, file?: string) {
    this.text = text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    this.file = file;
    this.next();
  }

  /** Moves to the next token and returns the one just passed. */
  next(): Token {
    const passed = this.token;
    this.skipSpace();
    this.token = this.read();
    this.pos += this.token.text.length;
    return passed;
  }

  /** An error at a token (the present one where none is given). */
  fail(problem: string, fix?: string, at: { line: number; column: number } = this.token): CaffeError {
    return new CaffeError({ code: 'syntax', file: this.file, line: at.line, column: at.column, problem, fix });
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.pos;
    return pattern.exec(this.text)?.[0];
  }

  private skipSpace(): void {
    const space = this.match(SPACE);
    if (space === undefined) return;
    for (let at = space.indexOf('\n'); at >= 0; at = space.indexOf('\n', at + 1)) {
      this.line++;
      this.lineStart = this.pos + at + 1;
    }
    this.pos += space.length;
  }

  private read(): Token {
    const { text, pos } = this;
    const make = (kind: TokenKind, found: string): Token => ({
      kind,
      text: found,
      line: this.line,
      column: pos - this.lineStart + 1,
    });
    if (pos >= text.length) return make('end', '');
    const first = text[pos]!;
    const word = this.match(WORD);
    if (word !== undefined) return make('identifier', word);
    if (/[0-9]/.test(first) || (first === '.' && /[0-9]/.test(text[pos + 1] ?? ''))) return this.number(make);
    if (first === '"' || first === "'") {
      const string = this.match(STRING);
      if (string !== undefined) return make('string', string);
      throw this.fail(
        'a string is not closed before the end of its line',
        `close it with ${first}`,
        make('string', ''),
      );
    }
    const code = text.charCodeAt(pos);
    if (code > 126 || code < 32) {
      const shown = code > 126 ? `"${String.fromCodePoint(text.codePointAt(pos)!)}"` : `byte ${code}`;
      throw this.fail(
        `the character ${shown} cannot stand outside quotes`,
        'remove it or quote it',
        make('symbol', ''),
      );
    }
    return make('symbol', first);
  }

  private number(make: (kind: TokenKind, text: string) => Token): Token {
    const hex = this.match(HEX);
    const octal = hex === undefined ? this.match(OCTAL) : undefined;
    const found = hex ?? octal ?? this.match(DECIMAL)!;
    const isFloat = hex === undefined && octal === undefined && /[.eEfF]/.test(found);
    const token = make(isFloat ? 'float' : 'integer', found);
    if (hex?.length === 2) throw this.fail('"0x" must be followed by hexadecimal digits', undefined, token);
    if (octal !== undefined && /[89]/.test(octal)) {
      throw this.fail(
        `${octal} begins with 0, which means octal, but has a digit above 7`,
        'drop the leading 0',
        token,
      );
    }
    if (isFloat && /[eE][-+]?[fF]?$/.test(found))
      throw this.fail(`${found} lacks the digits of its exponent`, undefined, token);
    const after = this.text[this.pos + found.length] ?? '';
    if (/[A-Za-z_]/.test(after)) {
      throw this.fail(`a space is needed between the number ${found} and the name after it`, undefined, token);
    }
    if (after === '.')
      throw this.fail(
        `${found}. is no number: a second point, or a point after an octal or hexadecimal number`,
        undefined,
        token,
      );
    return token;
  }
}
