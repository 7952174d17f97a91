import { inflateSync } from 'fflate';
import { deflated, size } from '../generated/jpeg-module.ts';

/** What the decoder's module (assembly/) exports; addresses are bytes of the memory it was made with. */
export interface JpegExports {
  /** False where the code lengths make no prefix code. */
  makeHuffmanTable(table: number, spec: number, withNumbers: number): number;
  /** Reads a picture's samples into its planes; 0 where its data are damaged. */
  readScan(picture: number): number;
  writeBytes(picture: number): void;
  writeFloats(picture: number): void;
}

let compiled: WebAssembly.Module | undefined;

/** The decoder over a shared memory. */
export function instantiateJpeg(memory: WebAssembly.Memory): JpegExports {
  compiled ??= new WebAssembly.Module(inflateSync(Buffer.from(deflated, 'base64'), { out: new Uint8Array(size) }));
  return new WebAssembly.Instance(compiled, { env: { memory } }).exports as unknown as JpegExports;
}
