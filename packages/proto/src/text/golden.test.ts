import { describe, expect, it } from 'vitest';
import { absent, bytesOfShared, textOfShared } from '../../test/materials.ts';
import { CaffeError, decode, encode, equals, type Messages, parseText, printText } from '../index.ts';

interface Case {
  file: string;
  message: keyof Messages;
  encoded?: string;
  error_must_name?: string;
  protoc_says?: string[];
  at?: string;
}

const isAbsent = absent('prototxt');
const manifest: { files: Case[]; syntax: Case[] } = isAbsent
  ? { files: [], syntax: [] }
  : JSON.parse(textOfShared('prototxt/manifest.json'));
const all = [...manifest.files, ...manifest.syntax];
const accepted = all.filter((entry) => entry.encoded !== undefined);
const refused = all.filter((entry) => entry.encoded === undefined);

describe.skipIf(isAbsent)('the shared prototxt files (skipped where ../shared/prototxt is absent)', () => {
  it('are there', () => {
    expect(accepted.length).toBeGreaterThan(100);
    expect(refused.length).toBeGreaterThan(20);
  });

  it.each(accepted)('$file gives the bytes of protoc', ({ file, message, encoded }) => {
    const parsed = parseText(message, textOfShared(`prototxt/${file}`), { file });
    const wanted = bytesOfShared(`prototxt/${encoded}`);
    expect(Buffer.compare(encode(message, parsed), wanted)).toBe(0);
    const decoded = decode(message, wanted);
    expect(equals(decoded, parsed)).toBe(true);
    expect(Buffer.compare(encode(message, decoded), wanted)).toBe(0);
    expect(equals(parseText(message, printText(message, parsed)), parsed)).toBe(true);
  });

  it.each(refused)('$file is refused as protoc refuses it', ({ file, message, error_must_name, protoc_says, at }) => {
    const fault = caught(() => parseText(message, textOfShared(`prototxt/${file}`), { file }));
    expect(fault).toBeInstanceOf(CaffeError);
    const { facts } = fault as CaffeError;
    // protoc's position is that of the token after the name, which may stand one line later
    const line = Number((at ?? protoc_says![0]!.replace('input:', '')).split(':')[0]);
    expect(facts.line).toBeGreaterThanOrEqual(line - 1);
    expect(facts.line).toBeLessThanOrEqual(line);
    expect(facts.column).toBeGreaterThan(0);
    expect((fault as CaffeError).message.startsWith(`${file}:${facts.line}:${facts.column}: `)).toBe(true);
    for (const name of namesIn(error_must_name ?? protoc_says![0]!))
      expect((fault as CaffeError).message).toContain(name);
  });
});

/** The field (and message) that protoc's words name: `… "caffe.PoolingParameter" has no field named "ceil_mode".` */
function namesIn(words: string): string[] {
  const unknown = /Message type "caffe\.(\w+)" has no field named "(\w+)"/.exec(words);
  if (unknown !== null) return [unknown[1]!, unknown[2]!];
  const field = /field "(\w+)"/.exec(words);
  return field === null ? [] : [field[1]!];
}

function caught(body: () => unknown): unknown {
  try {
    body();
  } catch (error) {
    return error;
  }
  return undefined;
}
