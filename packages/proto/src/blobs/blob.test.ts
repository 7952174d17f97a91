import { describe, expect, it } from 'vitest';
import {
  blobDiff,
  blobShape,
  blobValues,
  create,
  decode,
  encode,
  floatToHalf,
  halfToFloat,
  makeBlob,
  Type,
} from '../index.ts';

describe('blobShape', () => {
  it('reads shape, legacy dims, and none', () => {
    expect(blobShape(create('BlobProto', { shape: { dim: [2, 3] } }))).toEqual([2, 3]);
    expect(blobShape(create('BlobProto', { channels: 3, width: 2, shape: { dim: [9] } }))).toEqual([0, 3, 0, 2]);
    expect(blobShape(create('BlobProto'))).toEqual([]);
  });

  it('refuses absurd dims', () => {
    const blob = create('BlobProto', { shape: { dim: [2, -1] } });
    expect(() => blobShape(blob)).toThrow('shape.dim is 2 × -1: -1 is no length of an axis; use 0 to 2147483647');
  });
});

describe('blobValues', () => {
  it('takes double_data before data before raw_data', () => {
    const raw = { shape: { dim: [1] }, rawData: new Uint8Array(Float32Array.of(3).buffer), rawDataType: Type.FLOAT };
    expect([...blobValues(create('BlobProto', { ...raw, data: [2], doubleData: [1] }))]).toEqual([1]);
    expect([...blobValues(create('BlobProto', { ...raw, data: [2] }))]).toEqual([2]);
    expect([...blobValues(create('BlobProto', raw))]).toEqual([3]);
    expect(blobValues(create('BlobProto', { shape: { dim: [4] } }))).toHaveLength(0);
  });

  it.each([
    ['FLOAT', 'nv'],
    ['DOUBLE', 'nv'],
    ['FLOAT16', 'nv'],
    ['FLOAT', 'bvlc'],
    ['DOUBLE', 'bvlc'],
  ] as const)('gives back %s written in the %s format, with its diff', (type, format) => {
    const made = makeBlob([2, 2], [1, -0.5, 3, 65504], { type, format, diff: [0, 1, 2, 3] });
    const blob = decode('BlobProto', encode('BlobProto', made));
    expect([...blobValues(blob)]).toEqual([1, -0.5, 3, 65504]);
    expect([...blobDiff(blob)]).toEqual([0, 1, 2, 3]);
    expect(blobValues(blob)).toBeInstanceOf(type === 'DOUBLE' ? Float64Array : Float32Array);
  });

  it('is a view of the bytes where their address allows it', () => {
    const bytes = new Uint8Array(16);
    const blob = create('BlobProto', { shape: { dim: [3] }, rawDataType: Type.FLOAT, rawData: bytes.subarray(4) });
    expect(blobValues(blob).buffer).toBe(bytes.buffer);
  });

  it.each([
    [{ data: [1, 2] }, 'data has 2 values, its shape 3 needs 3; write the file again, or correct its shape'],
    [{ rawData: new Uint8Array(12) }, 'raw_data_type is missing beside raw_data; it must be FLOAT, FLOAT16 or DOUBLE'],
    [
      { rawData: new Uint8Array(12), rawDataType: Type.INT },
      'raw_data_type is INT; it must be FLOAT, FLOAT16 or DOUBLE',
    ],
    [
      { rawData: new Uint8Array(13), rawDataType: Type.FLOAT },
      'raw_data has 13 bytes, no whole number of 4-byte values; write the file again',
    ],
  ])('refuses %j', (fields, message) => {
    const blob = create('BlobProto', { shape: { dim: [3] }, ...fields });
    expect(() => blobValues(blob)).toThrow(expect.objectContaining({ message }));
  });
});

describe('makeBlob', () => {
  it('shares the memory of values that have the stored type', () => {
    const values = Float32Array.of(1, 2);
    expect(makeBlob([2], values).rawData!.buffer).toBe(values.buffer);
    expect(makeBlob([2], values, { format: 'bvlc' }).data).toBe(values);
  });

  it('refuses wrong counts, and FLOAT16 in the bvlc format', () => {
    expect(() => makeBlob([3], [1])).toThrow('data has 1 values, the shape 3 needs 3');
    expect(() => makeBlob([1], [1], { format: 'bvlc', type: 'FLOAT16' })).toThrow(
      "FLOAT16 cannot be stored in the bvlc format; use type 'FLOAT', or format 'nv'",
    );
  });
});

describe('half precision', () => {
  it('gives back every one of the 65,536 values', () => {
    const all = Uint16Array.from({ length: 65536 }, (_, i) => i);
    const back = floatToHalf(halfToFloat(all));
    const isNaNHalf = (bits: number) => (bits & 0x7fff) > 0x7c00;
    expect([...all].filter((bits) => (isNaNHalf(bits) ? !isNaNHalf(back[bits]!) : back[bits] !== bits))).toEqual([]);
  });

  it('rounds to the nearest, ties to even, at every step between finite neighbours', () => {
    for (let bits = 0; bits < 0x7bff; bits++) {
      const [low, high] = halfToFloat(Uint16Array.of(bits, bits + 1)) as unknown as [number, number];
      const middle = (low + high) / 2;
      const [tie, below, above] = floatToHalf([middle, middle - (high - low) / 8, middle + (high - low) / 8]);
      if (tie !== (bits % 2 === 0 ? bits : bits + 1) || below !== bits || above !== bits + 1) {
        expect.fail(`between ${low} and ${high}: ${tie}, ${below}, ${above}`);
      }
    }
  });

  it('handles the ends', () => {
    expect([...floatToHalf([65504, 65519.99, 65520, 1e9, -1e9, 2 ** -25, 2 ** -24, 1e-30, -0])]).toEqual([
      0x7bff, 0x7bff, 0x7c00, 0x7c00, 0xfc00, 0, 1, 0, 0x8000,
    ]);
    expect(halfToFloat(floatToHalf([Number.NaN]))[0]).toBeNaN();
  });
});
