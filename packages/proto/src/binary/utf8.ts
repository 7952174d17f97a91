const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Text of `bytes`. Caffe's strings are bytes: one that is not UTF-8 keeps each foreign byte as the lone surrogate
 * U+DC00 + byte, so that `utf8Bytes` gives back exactly what was read.
 */
export function utf8Text(bytes: Uint8Array, start = 0, end = bytes.length): string {
  if (end - start <= 32) {
    let text = '';
    let i = start;
    for (; i < end; i++) {
      const byte = bytes[i]!;
      if (byte > 127) break;
      text += String.fromCharCode(byte);
    }
    if (i === end) return text;
  }
  const part = bytes.subarray(start, end);
  try {
    return strict.decode(part);
  } catch {
    return escapedText(part);
  }
}

function escapedText(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; ) {
    const length = bytes[i]! < 0x80 ? 1 : bytes[i]! < 0xe0 ? 2 : bytes[i]! < 0xf0 ? 3 : 4;
    let piece: string | undefined;
    try {
      piece = strict.decode(bytes.subarray(i, i + length));
    } catch {
      piece = undefined;
    }
    text += piece ?? String.fromCharCode(0xdc00 + bytes[i]!);
    i += piece === undefined ? 1 : length;
  }
  return text;
}

/** The bytes of a string read by `utf8Text` (or of any string). */
export function utf8Bytes(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return encoder.encode(text);
  const out: number[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code >= 0xdc80 && code <= 0xdcff) out.push(code - 0xdc00);
    else out.push(...encoder.encode(character));
  }
  return Uint8Array.from(out);
}
