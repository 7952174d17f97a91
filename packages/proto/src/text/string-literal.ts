import { utf8Bytes } from '../binary/utf8.ts';

const simple: Record<string, number> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  '\\': 92,
  '?': 63,
  "'": 39,
  '"': 34,
};
const ESCAPE = /\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U(00[01][0-9a-fA-F]{5})|([\s\S]))/y;

/** The bytes of a quoted literal, or the bad escape in it. */
export function literalBytes(literal: string): Uint8Array | { badEscape: string } {
  const body = literal.slice(1, -1);
  if (!body.includes('\\')) return utf8Bytes(body);
  const out: number[] = [];
  for (let i = 0; i < body.length; ) {
    const slash = body.indexOf('\\', i);
    const stop = slash < 0 ? body.length : slash;
    if (stop > i) for (const byte of utf8Bytes(body.slice(i, stop))) out.push(byte);
    if (slash < 0) break;
    ESCAPE.lastIndex = slash;
    const found = ESCAPE.exec(body)!;
    const [whole, octal, hex, short, long, letter] = found;
    if (octal !== undefined) out.push(Number.parseInt(octal, 8) & 0xff);
    else if (hex !== undefined) out.push(Number.parseInt(hex, 16));
    else if (letter === undefined) {
      const [bytes, length] = codePoint(body, slash, (short ?? long)!);
      for (let j = 0; j < bytes.length; j++) out.push(bytes[j]!);
      i = slash + length;
      continue;
    } else if (simple[letter] !== undefined) out.push(simple[letter]);
    else return { badEscape: whole };
    i = slash + whole.length;
  }
  return Uint8Array.from(out);
}

/** The bytes of a \u or \U escape and its length; a high surrogate takes the \u of its low one along. */
function codePoint(body: string, at: number, digits: string): [ArrayLike<number>, number] {
  const code = Number.parseInt(digits, 16);
  const length = digits.length + 2;
  if (code > 0x10ffff) return [utf8Bytes(body.slice(at, at + length)), length]; // no character: protobuf keeps the text
  if (code < 0xd800 || code > 0xdfff) return [utf8Bytes(String.fromCodePoint(code)), length];
  const low = /^\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(body.slice(at + length, at + length + 6))?.[1];
  if (code > 0xdbff || low === undefined)
    return [[0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63)], length];
  return [utf8Bytes(String.fromCharCode(code, Number.parseInt(low, 16))), length + 6];
}

/** protobuf's CEscape: quotes, backslashes and what is not printable ASCII, bytes beyond it in octal. */
export function quoted(bytes: Uint8Array): string {
  let text = '"';
  for (const byte of bytes) {
    if (byte === 10) text += '\\n';
    else if (byte === 13) text += '\\r';
    else if (byte === 9) text += '\\t';
    else if (byte === 34 || byte === 39 || byte === 92) text += `\\${String.fromCharCode(byte)}`;
    else if (byte < 32 || byte > 126) text += `\\${byte.toString(8).padStart(3, '0')}`;
    else text += String.fromCharCode(byte);
  }
  return `${text}"`;
}
