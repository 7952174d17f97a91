/** Types of values. Arithmetic is f32 unless a backend says more; f16 and bf16 may be storage only. */
export type DataType = 'f32' | 'f64' | 'f16' | 'bf16' | 'i32' | 'i8' | 'u8';

/** Host arrays of values; f16 and bf16 show their bit patterns. */
export type HostArray = Float32Array | Float64Array | Uint16Array | Int32Array | Int8Array | Uint8Array;

export const bytesPerValue: Readonly<Record<DataType, number>> = {
  f32: 4,
  f64: 8,
  f16: 2,
  bf16: 2,
  i32: 4,
  i8: 1,
  u8: 1,
};

/** A view of `count` values of `type` from `byteOffset` of a buffer. */
export function viewOf(type: DataType, buffer: ArrayBufferLike, byteOffset: number, count: number): HostArray {
  switch (type) {
    case 'f32':
      return new Float32Array(buffer, byteOffset, count);
    case 'f64':
      return new Float64Array(buffer, byteOffset, count);
    case 'f16':
    case 'bf16':
      return new Uint16Array(buffer, byteOffset, count);
    case 'i32':
      return new Int32Array(buffer, byteOffset, count);
    case 'i8':
      return new Int8Array(buffer, byteOffset, count);
    case 'u8':
      return new Uint8Array(buffer, byteOffset, count);
  }
}
