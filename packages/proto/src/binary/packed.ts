/** Float32Array and Float64Array read and write the machine's order; the wire is little-endian. */
const littleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

type Floats = Float32Array | Float64Array;
type FloatsConstructor = typeof Float32Array | typeof Float64Array;

/**
 * The little-endian floats in `bytes`, which must hold whole elements: a view of the same memory where its address
 * allows it, a block copy elsewhere.
 */
export function floatsOf<T extends Floats>(
  bytes: Uint8Array,
  type: new (buffer: ArrayBufferLike, at: number, n: number) => T,
): T {
  const size = (type as unknown as FloatsConstructor).BYTES_PER_ELEMENT;
  const aligned = littleEndian && bytes.byteOffset % size === 0;
  const own = aligned ? bytes : new Uint8Array(bytes); // a copy; slice() of a Node Buffer is none
  if (!littleEndian) swap(own, size);
  return new type(own.buffer, own.byteOffset, own.byteLength / size);
}

/** The little-endian bytes of floats: a view on little-endian machines. */
export function bytesOf(floats: Floats): Uint8Array {
  const view = new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
  return littleEndian ? view : swap(view.slice(), floats.BYTES_PER_ELEMENT);
}

export function swap(bytes: Uint8Array, size: number): Uint8Array {
  for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
  return bytes;
}

/** The two lists one after the other; a typed array stays one. */
export function joined(a: ArrayLike<number>, b: ArrayLike<number>, type: FloatsConstructor): Floats {
  const both = new type(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
