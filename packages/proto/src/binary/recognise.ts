import type { ErrorFacts } from '../errors/index.ts';

type Kind = Pick<ErrorFacts, 'problem' | 'fix'>;

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean =>
  magic.every((byte, i) => bytes[i] === byte);

/** A few printable bytes may as well be the start of a message. */
const SHORTEST_TEXT = 8;

/**
 * What a file that should hold a binary message really is, where its first bytes tell: an HTML page, a Git LFS pointer,
 * HDF5, an archive, text. Undefined where they do not.
 */
export function recognise(bytes: Uint8Array): Kind | undefined {
  if (bytes.length === 0) return { problem: 'is empty', fix: 'download or write the file again' };
  const foreign = recogniseForeign(bytes);
  if (foreign !== undefined) return foreign;
  const text = headText(bytes);
  if (text === undefined || text.trim().length < SHORTEST_TEXT) return undefined;
  if (/^\s*(name|layers?|input|net|base_lr|state|shape)\s*[:{]/m.test(text)) {
    return { problem: 'is a text message (prototxt), not a binary one', fix: 'give a binary file here' };
  }
  const first = text.trim().split('\n')[0]!.trim();
  const shown = first.length > 60 ? `${first.slice(0, 57)}...` : first;
  return { problem: `is a text file ("${shown}"), not a binary message`, fix: 'get the binary file itself' };
}

/** As `recognise`, for a file that should hold a text message: names binary files too. */
export function recogniseNotText(bytes: Uint8Array): Kind | undefined {
  const foreign = recogniseForeign(bytes);
  if (foreign !== undefined || !bytes.subarray(0, 1024).some(isControl)) return foreign;
  return { problem: 'is a binary file, not a text message (prototxt)', fix: 'give a prototxt here' };
}

/** Files that hold neither a binary nor a text message. */
function recogniseForeign(bytes: Uint8Array): Kind | undefined {
  if (startsWith(bytes, [0x89, 0x48, 0x44, 0x46])) {
    const fix =
      'name it .h5 where weights or solver state are asked for, or use its binary form (snapshot_format: BINARYPROTO)';
    return { problem: 'is an HDF5 file, not a message', fix };
  }
  if (startsWith(bytes, [0x1f, 0x8b])) return { problem: 'is compressed by gzip', fix: 'unpack it first' };
  if (startsWith(bytes, [0x50, 0x4b, 3, 4])) return { problem: 'is a zip archive', fix: 'unpack it first' };
  const text = headText(bytes);
  if (text?.startsWith('version https://git-lfs')) {
    const size = /^size (\d+)/m.exec(text)?.[1];
    const whole = size === undefined ? '' : ` (${size} bytes)`;
    const problem = `is a Git LFS pointer (${bytes.length} bytes), not the file itself${whole}`;
    return { problem, fix: 'run "git lfs pull" in its repository, or download the file itself' };
  }
  if (text === undefined || !/^\s*(<!doctype html|<html|<head|<\?xml|<!--)/i.test(text)) return undefined;
  const title = /<title>\s*([^<]*?)\s*<\/title>/i.exec(text)?.[1];
  const problem = `is an HTML page${title ? ` ("${title}")` : ''}, not a message`;
  return { problem, fix: 'the download gave a web page: download the file itself' };
}

/** Bytes that no text has: all below space but tab, line feed, vertical tab, form feed and carriage return. */
const isControl = (byte: number): boolean => byte < 32 && (byte < 9 || byte > 13);

/** The first 2,048 bytes as text, or undefined where they are not UTF-8 text. */
function headText(bytes: Uint8Array): string | undefined {
  const head = bytes.subarray(0, 2048);
  if (head.some(isControl)) return undefined;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: head.length < bytes.length });
  } catch {
    return undefined;
  }
}
