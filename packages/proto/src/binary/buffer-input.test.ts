import { expect, it } from 'vitest';
import { blobValues, clone, create, decode, encode, makeBlob } from '../index.ts';

// Buffer.slice() gives a view, not a copy as Uint8Array.slice() does; Node's small reads are Buffers at odd addresses.
it.each([0, 1, 2, 3])('reads blobs from a Node Buffer that begins at address 4·n + %d', (shift) => {
  const state = create('SolverState', { history: [makeBlob([3], Float32Array.of(1, 2, 3), { format: 'bvlc' })] });
  const bytes = encode('SolverState', state);
  const buffer = Buffer.from(new ArrayBuffer(bytes.length + 8), shift, bytes.length);
  buffer.set(bytes);
  expect([...blobValues(decode('SolverState', buffer).history[0]!)]).toEqual([1, 2, 3]);
});

it('clones bytes that lie in a Node Buffer', () => {
  const datum = create('Datum', { data: Buffer.from([1, 2, 3]) });
  const copy = clone(datum);
  datum.data![0] = 9;
  expect([...copy.data!]).toEqual([1, 2, 3]);
});
