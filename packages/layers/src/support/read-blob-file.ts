import { type BlobProto, blobShape, blobValues, CaffeError, decode } from '@jacinto/proto';

/** A file with one BlobProto (".binaryproto"). @throws CaffeError 'missing' or 'bad-file', naming it. */
export async function readBlobFile(path: string): Promise<{ shape: readonly number[]; values: Float32Array }> {
  const { readFile } = await import('node:fs/promises'); // here, so that a browser can load the package
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    const missing = (cause as { code?: string }).code === 'ENOENT';
    throw new CaffeError(
      missing
        ? { code: 'missing', file: path, problem: 'is not there', fix: 'check the path' }
        : { code: 'bad-file', file: path, problem: `cannot be read: ${(cause as Error).message}` },
      { cause },
    );
  }
  const blob: BlobProto = decode('BlobProto', bytes, { file: path });
  const values = blobValues(blob);
  if (values === undefined || values.length === 0) {
    throw new CaffeError({ code: 'bad-file', file: path, problem: 'holds no values', fix: 'give a BlobProto file' });
  }
  return { shape: blobShape(blob), values: Float32Array.from(values as ArrayLike<number>) };
}
