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
  if (startsWith(bytes, [0x89, 0x48, 0x44, 0x46])) {
    return { problem: 'is an HDF5 file, not a binary message', fix: 'give it the ending .h5, or use the binary form' };
  }
  if (startsWith(bytes, [0x1f, 0x8b])) return { problem: 'is compressed by gzip', fix: 'unpack it first' };
  if (startsWith(bytes, [0x50, 0x4b, 3, 4])) return { problem: 'is a zip archive', fix: 'unpack it first' };
  const head = bytes.subarray(0, 2048);
  if (!isText(head, head.length === bytes.length)) return undefined;
  const text = new TextDecoder().decode(head);
  if (text.trim().length < SHORTEST_TEXT) return undefined;
  if (text.startsWith('version https://git-lfs')) {
    const size = /^size (\d+)/m.exec(text)?.[1];
    const problem = `is a Git LFS pointer (${bytes.length} bytes), not the file itself${size ? ` (${size} bytes)` : ''}`;
    return { problem, fix: 'run "git lfs pull" in its repository, or download the file itself' };
  }
  if (/^\s*(<!doctype html|<html|<head|<\?xml|<!--)/i.test(text)) {
    const title = /<title>\s*([^<]*?)\s*<\/title>/i.exec(text)?.[1];
    const problem = `is an HTML page${title ? ` ("${title}")` : ''}, not a binary message`;
    return { problem, fix: 'the download gave a web page: download the file itself' };
  }
  if (/^\s*(#.*\s*)*[A-Za-z_]\w*\s*(:|[{<])/.test(text) && /[{:]\s*\S/.test(text) && looksLikePrototxt(text)) {
    return { problem: 'is a text message (prototxt), not a binary one', fix: 'give a binary file here' };
  }
  const first = text.trim().split('\n')[0]!.trim();
  const shown = first.length > 60 ? `${first.slice(0, 57)}...` : first;
  return { problem: `is a text file ("${shown}"), not a binary message`, fix: 'get the binary file itself' };
}

const looksLikePrototxt = (text: string): boolean =>
  /^\s*(name|layers?|input|net|base_lr|state|shape)\s*[:{]/m.test(text);

/** Whether bytes are UTF-8 text without control characters; `whole` is false where they were cut. */
function isText(bytes: Uint8Array, whole: boolean): boolean {
  for (const byte of bytes) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12) return false;
  }
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: !whole });
    return true;
  } catch {
    return false;
  }
}
