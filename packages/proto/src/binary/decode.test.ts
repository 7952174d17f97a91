import { describe, expect, it } from 'vitest';
import { seeded } from '../../test/materials.ts';
import { CaffeError, create, decode, encode, makeBlob, parseText } from '../index.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('unknown fields', () => {
  it('are kept with their bytes, of every wire type, and written after the known ones', () => {
    // 500: varint 300 · 501: group with a string · 502: fixed32 · 503: fixed64, then the known name
    const unknown = [
      0xa0, 0x1f, 0xac, 2, 0xab, 0x1f, 0x0a, 1, 65, 0xac, 0x1f, 0xb5, 0x1f, 1, 2, 3, 4, 0xb9, 0x1f, 1, 2, 3, 4, 5, 6, 7,
      8,
    ];
    const message = decode('NetParameter', bytes(...unknown, 0x0a, 1, 97));
    expect(message.name).toBe('a');
    expect([...encode('NetParameter', message)]).toEqual([0x0a, 1, 97, ...unknown]);
  });

  it('are kept where the wire type does not fit (a field number of another fork)', () => {
    // 147 is forward_math (an enum) here and swish_param (a message) in BVLC Caffe
    const file = bytes(0x9a, 0x09, 2, 8, 1, 0x0a, 1, 97);
    const layer = decode('LayerParameter', file);
    expect([layer.name, layer.forwardMath]).toEqual(['a', 1]);
    expect([...encode('LayerParameter', layer)]).toEqual([0x0a, 1, 97, 0x9a, 0x09, 2, 8, 1]);
  });

  it("are kept where an enum's number is unknown", () => {
    const file = bytes(0x50, 9);
    expect([...encode('LayerParameter', decode('LayerParameter', file))]).toEqual([0x50, 9]);
  });
});

describe('values', () => {
  it('of repeated fields are read packed and unpacked, in several runs', () => {
    const shape = decode('BlobShape', bytes(0x0a, 2, 1, 2, 0x08, 3, 0x0a, 1, 4));
    expect(shape.dim).toEqual([1, 2, 3, 4]);
    const blob = decode('BlobProto', bytes(0x2a, 4, 0, 0, 128, 63, 0x2d, 0, 0, 0, 64, 0x2a, 4, 0, 0, 64, 64));
    expect([...blob.data]).toEqual([1, 2, 3]);
  });

  it('of a picture written as packed floats, which the schema does not ask for, are read', () => {
    const count = 3 * 256 * 256; // 786432 bytes, a varint of three bytes
    const file = new Uint8Array(4 + 4 * count);
    file.set([0x32, 0x80, 0x80, 0x30]);
    file.set([128, 63], file.length - 2);
    const datum = decode('Datum', file);
    expect([datum.floatData.length, datum.floatData[0], datum.floatData.at(-1)]).toEqual([count, 0, 1]);
  });

  it('of messages given twice are merged', () => {
    const layer = decode('LayerParameter', bytes(0xca, 0x07, 2, 0x18, 5, 0xca, 0x07, 2, 0x20, 2));
    expect(layer.poolingParam).toMatchObject({ stride: 5, pad: 2 } as never);
  });

  it('of 64 bits are numbers where exact, else bigints', () => {
    const dims = [0, -1, 2 ** 53 - 1, -(2 ** 53 - 1), 2n ** 63n - 1n, -(2n ** 63n)] as number[];
    const read = decode('BlobShape', encode('BlobShape', { dim: dims }));
    expect(read.dim).toEqual(dims);
  });

  it('of packed floats are views where aligned, copies elsewhere', () => {
    const blob = makeBlob([2], Float32Array.of(1.5, -2), { format: 'bvlc' });
    const encoded = encode('BlobProto', blob);
    for (let shift = 0; shift < 4; shift++) {
      const moved = new Uint8Array(new ArrayBuffer(encoded.length + 8), shift, encoded.length);
      moved.set(encoded);
      expect(decode('BlobProto', moved).data).toEqual(Float32Array.of(1.5, -2));
    }
  });

  it('of strings that are not UTF-8 come back as they were', () => {
    const file = bytes(0x0a, 5, 0xff, 0xc3, 0xa9, 0xe2, 0x82);
    expect([...encode('NetParameter', decode('NetParameter', file))]).toEqual([...file]);
  });

  it.each([
    ['numOutput', -1, 'num_output is -1; it must be a whole number from 0 to 4294967295'],
    ['numOutput', '3', 'num_output is "3"; it must be a whole number from 0 to 4294967295'],
    ['biasTerm', 1, 'bias_term is 1; it must be true or false'],
  ])('that do not fit are refused when written: %s %j', (key, value, message) => {
    const wrong = create('ConvolutionParameter', { [key]: value } as never);
    expect(() => encode('ConvolutionParameter', wrong)).toThrow(expect.objectContaining({ message }));
  });
});

describe('faults', () => {
  it.each([
    [[0x0a], 'byte 1 of 1, the file ends inside a number'],
    [[0x0a, 5, 65], 'byte 1 of 3, a field of 5 bytes begins here, but only 1 bytes remain'],
    [[0x07], 'byte 0 of 1, no field can begin here'],
    [[0x0b, 0x0b], 'byte 2 of 2, the file ends inside a number'],
    [[0x0c], 'byte 1 of 1, wire type 4 cannot stand here'],
    [[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1], 'byte 0 of 11, a number runs over 10 bytes'],
    [[0xa2, 0x06, 3, 0x2a, 1, 0], 'byte 4 of 6, loss_weight has 1 bytes, no whole number of floats'],
  ])('in %j name the byte', (file, words) => {
    const read = () => decode('NetParameter', Uint8Array.from(file), { file: 'x.caffemodel' });
    expect(read).toThrow(`x.caffemodel: is truncated or damaged: at ${words}`);
  });

  it('never give anything but a CaffeError: 3,000 damaged nets (seed 20)', () => {
    const net = parseText(
      'NetParameter',
      'name: "n" layer { name: "c" type: "Convolution" bottom: "d" top: "c" loss_weight: 1 convolution_param { num_output: 3 kernel_size: [3, 5] } include { phase: TEST stage: "s" } }',
    );
    net.layer[0]!.blobs.push(makeBlob([3], [1, 2, 3]), makeBlob([2], [1, 2], { format: 'bvlc' }));
    const whole = encode('NetParameter', net);
    const random = seeded(20);
    let refused = 0;
    for (let i = 0; i < 3000; i++) {
      const damaged = whole.slice(0, i % 3 === 0 ? random() % whole.length : whole.length);
      for (let j = 0; j < i % 4; j++) damaged[random() % Math.max(1, damaged.length)] = random();
      try {
        encode('NetParameter', decode('NetParameter', damaged));
      } catch (error) {
        expect(error, `seed 20, round ${i}`).toBeInstanceOf(CaffeError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(500);
  });

  it('of pure noise, too (seed 21)', () => {
    const random = seeded(21);
    for (let i = 0; i < 3000; i++) {
      const noise = Uint8Array.from({ length: random() % 200 }, () => random());
      try {
        decode(i % 2 ? 'NetParameter' : 'SolverParameter', noise);
      } catch (error) {
        expect(error, `seed 21, round ${i}`).toBeInstanceOf(CaffeError);
      }
    }
  });
});
