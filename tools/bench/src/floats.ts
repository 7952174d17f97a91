import { readFileSync, writeFileSync } from 'node:fs';

/** Raw little-endian floats: how values go to peers in other processes and come back. */
export function readFloats(path: string): Float32Array {
  return new Float32Array(Uint8Array.from(readFileSync(path)).buffer);
}

export function writeFloats(path: string, ...parts: readonly Float32Array[]): void {
  writeFileSync(
    path,
    Buffer.concat(parts.map(({ buffer, byteOffset, byteLength }) => new Uint8Array(buffer, byteOffset, byteLength))),
  );
}
