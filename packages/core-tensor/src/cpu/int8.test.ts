import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Backend } from '../backend.ts';
import type {
  ChannelRounding,
  CodeRange,
  CodeRounding,
  Int8ConvolutionSpec,
  Int8Operations,
} from '../operations/index.ts';
import { RandomStream } from '../random.ts';
import { createCpuBackend } from './cpu-backend.ts';

const bytes: CodeRange = { low: 0, high: 255 };
const signed: CodeRange = { low: -128, high: 127 };

/** Codes of sums by BigInt: total / 2^shift, rounded, clipped. */
function codesOf(rounding: CodeRounding, channel: number, sums: readonly number[]): number {
  const { shift, above, below = above, zero } = rounding.channels[channel]!;
  const total = (m: typeof above): bigint =>
    m.factors.reduce((sum, factor, t) => sum + BigInt(factor) * BigInt(sums[t] ?? 0), BigInt(m.add));
  let value = total(above);
  if (value < BigInt(zero)) value = total(below);
  const unit = 1n << BigInt(shift);
  const floor = value >> BigInt(shift);
  const twice = 2n * (value - floor * unit);
  const tieUp = rounding.ties === 'even' ? (floor & 1n) === 1n : floor >= 0n;
  const code = Number(twice > unit || (twice === unit && tieUp) ? floor + 1n : floor);
  return Math.max(rounding.low, Math.min(rounding.high, code));
}

/** Sums of products and of inputs for each output, by plain loops over inputs that scatter or gather. */
function plainConvolution(spec: Int8ConvolutionSpec, x: ArrayLike<number>): number[] {
  const [n, channels, height, width] = spec.x as [number, number, number, number];
  const [, outputs, rows, columns] = spec.y as [number, number, number, number];
  const { kernel, stride, pad, dilation, group, weights, transposed } = spec;
  const [inPer, outPer] = [channels / group, outputs / group];
  const codes: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let o = 0; o < outputs; o++) {
      for (let r = 0; r < rows; r++) {
        for (let k = 0; k < columns; k++) {
          let [products, inputs] = [0, 0];
          for (let c = 0; c < inPer; c++) {
            const channel = Math.floor(o / outPer) * inPer + c;
            for (let a = 0; a < kernel[0]; a++) {
              for (let b = 0; b < kernel[1]; b++) {
                let h = r * stride[0] - pad[0] + a * dilation[0];
                let v = k * stride[1] - pad[1] + b * dilation[1];
                if (transposed) {
                  h = (r + pad[0] - a * dilation[0]) / stride[0];
                  v = (k + pad[1] - b * dilation[1]) / stride[1];
                  if (!Number.isInteger(h) || !Number.isInteger(v)) continue;
                }
                if (h < 0 || v < 0 || h >= height || v >= width) continue;
                const pair = transposed ? channel * outPer + (o % outPer) : o * inPer + c;
                const code = x[((i * channels + channel) * height + h) * width + v]!;
                products += code * weights[(pair * kernel[0] + a) * kernel[1] + b]!;
                inputs += code;
              }
            }
          }
          codes.push(codesOf(spec.rounding, o, [products, inputs]));
        }
      }
    }
  }
  return codes;
}

interface Shape {
  x: [number, number, number, number];
  outputs: number;
  kernel?: [number, number];
  stride?: [number, number];
  pad?: [number, number];
  dilation?: [number, number];
  group?: number;
  transposed?: boolean;
}

function specOf(shape: Shape, random: RandomStream, more: Partial<Int8ConvolutionSpec>): Int8ConvolutionSpec {
  const {
    x,
    outputs,
    kernel = [3, 3],
    stride = [1, 1],
    pad = [1, 1],
    dilation = [1, 1],
    group = 1,
    transposed,
  } = shape;
  const size = ([0, 1] as const).map((axis) => {
    const reach = dilation[axis] * (kernel[axis] - 1) + 1;
    return transposed
      ? (x[2 + axis]! - 1) * stride[axis] + reach - 2 * pad[axis]
      : Math.floor((x[2 + axis]! + 2 * pad[axis] - reach) / stride[axis]) + 1;
  });
  const weights = Array.from(
    { length: (kernel[0] * kernel[1] * x[1] * outputs) / group },
    () => random.integer(256) - 128,
  );
  const y = [x[0], outputs, ...size];
  const spec = { x, y, range: bytes, weights, transposed, kernel, stride, pad, dilation, group };
  return { ...spec, rounding: rounding(outputs, random), ...more };
}

/** Multipliers of 30 bits that spread usual sums over the codes. */
function rounding(
  channels: number,
  random: RandomStream,
  more: Partial<CodeRounding> = {},
  bend = false,
): CodeRounding {
  const channel = (): ChannelRounding => {
    const shift = 36 + random.integer(5);
    const factor = 2 ** 29 + random.integer(2 ** 29);
    const add = Math.round(random.uniform(-20, 20) * 2 ** shift);
    const below = bend ? { factors: [Math.round(factor * 0.1)], add: Math.round(add * 0.1) } : undefined;
    return { shift, above: { factors: [factor], add }, below, zero: 0 };
  };
  return { ...signed, ties: 'even', channels: Array.from({ length: channels }, channel), ...more };
}

function run(int8: Int8Operations, spec: Int8ConvolutionSpec, codes: ArrayLike<number>): Int16Array {
  const x = int8.images(spec.x, int8.convolutionMargin(spec));
  const y = int8.images(spec.y, { top: 2, left: 1, bottom: 1, right: 3 });
  x.write(codes);
  int8.convolution(spec, x, y)!.run();
  const found = y.read();
  x.release();
  y.release();
  return found;
}

const random = new RandomStream(5);
const codesFor = ([n, c, h, w]: readonly number[], { low, high }: CodeRange): number[] =>
  Array.from({ length: n! * c! * h! * w! }, () => low + random.integer(high - low + 1));

const shapes: Shape[] = [
  { x: [1, 1, 1, 1], outputs: 1, kernel: [1, 1], pad: [0, 0] },
  { x: [2, 3, 9, 11], outputs: 5, kernel: [5, 5], stride: [2, 2], pad: [2, 2] },
  { x: [1, 4, 6, 7], outputs: 9, kernel: [3, 2], stride: [1, 3], pad: [0, 1] },
  // an odd number of channels under an even number of columns: pairs reach from pixel to pixel
  { x: [2, 1, 7, 8], outputs: 3, kernel: [2, 4], pad: [0, 1] },
  { x: [1, 3, 6, 10], outputs: 9, kernel: [6, 10], pad: [0, 0] },
  { x: [1, 3, 8, 8], outputs: 4, kernel: [4, 4], stride: [4, 4], pad: [0, 0] },
  { x: [1, 7, 5, 5], outputs: 8, kernel: [1, 1], pad: [0, 0] },
  { x: [2, 16, 5, 6], outputs: 17, dilation: [2, 3], pad: [2, 3] },
  { x: [1, 12, 8, 9], outputs: 20, group: 4 },
  { x: [1, 9, 7, 7], outputs: 6, group: 3, stride: [2, 2] },
  { x: [2, 11, 6, 5], outputs: 11, group: 11, kernel: [3, 5], pad: [1, 2] },
  { x: [1, 16, 33, 3], outputs: 16, group: 16, stride: [2, 1] },
  { x: [1, 5, 4, 6], outputs: 7, transposed: true, kernel: [4, 4], stride: [2, 2] },
  { x: [2, 10, 3, 4], outputs: 10, group: 10, transposed: true, kernel: [4, 4], stride: [2, 2] },
  { x: [1, 6, 3, 4], outputs: 4, group: 2, transposed: true, kernel: [2, 3], stride: [3, 2], pad: [0, 0] },
  { x: [1, 4, 3, 3], outputs: 4, transposed: true, kernel: [3, 3], dilation: [2, 1], pad: [1, 0] },
  // Winograd: whole and cut tiles, pads, groups, channels that do not fill vectors
  { x: [1, 16, 8, 8], outputs: 16 },
  { x: [2, 16, 9, 13], outputs: 24, pad: [0, 2] },
  { x: [1, 21, 10, 7], outputs: 19 },
  { x: [1, 64, 9, 9], outputs: 64, group: 4 },
  { x: [1, 72, 25, 22], outputs: 8 },
  { x: [2, 16, 15, 14], outputs: 16, dilation: [2, 3], pad: [2, 3] },
  { x: [1, 32, 16, 16], outputs: 24, dilation: [2, 2], pad: [1, 2] },
  { x: [1, 64, 16, 16], outputs: 64, group: 4, dilation: [4, 4], pad: [4, 4] },
];

describe.each([
  ['one thread', { threads: 1 }],
  ['three threads, no relaxed SIMD', { threads: 3, relaxedSimd: false as const }],
])('whole numbers, %s', (_name, options) => {
  let backend: Backend;
  let int8: Int8Operations;
  beforeAll(async () => {
    backend = await createCpuBackend(options);
    int8 = backend.int8!;
  });
  afterAll(() => backend.dispose());

  it.each(shapes)('convolution %j equals plain loops to the last bit (seed 5)', (shape) => {
    const plain = specOf(shape, random, {});
    const withInputs = rounding(shape.outputs, random);
    for (const { above } of withInputs.channels) (above.factors as number[]).push(random.integer(2 ** 29) - 2 ** 28);
    const variants: Partial<Int8ConvolutionSpec>[] = [
      {},
      { range: signed },
      { rounding: rounding(shape.outputs, random, { ...bytes, ties: 'away' }) },
      { rounding: rounding(shape.outputs, random, {}, true), range: signed },
      { rounding: withInputs },
      { range: { low: 0, high: 4095 } },
    ];
    for (const variant of variants) {
      const spec = { ...plain, ...variant };
      const codes = codesFor(spec.x, spec.range);
      expect([...run(int8, spec, codes)]).toEqual(plainConvolution(spec, codes));
    }
  });

  it.each([
    ['direct', { x: [1, 16, 4, 4], outputs: 4, kernel: [1, 1], pad: [0, 0] }],
    ['tiles', { x: [1, 24, 9, 9], outputs: 16 }],
    ['depthwise', { x: [1, 16, 9, 9], outputs: 16, group: 16 }],
  ] satisfies [string, Shape][])('extremes of codes and weights, %s: no sum is saturated', (_which, shape) => {
    for (const [range, code, weight] of [
      [signed, -128, -128],
      [signed, -128, 127],
      [bytes, 255, -128],
      [bytes, 255, 127],
      [bytes, -1, 0], // alternating 0 and 255, −128 and 127
    ] as const) {
      const spec = specOf(shape, random, { range, rounding: { ...identity(shape.outputs), low: -32768, high: 32767 } });
      const alternate = (i: number, a: number, b: number): number => (i % 2 === 0 ? a : b);
      const weights = Array.from(spec.weights, (_, i) => (code === -1 ? alternate(i >> 1, -128, 127) : weight));
      const codes = codesFor(spec.x, range).map((_, i) => (code === -1 ? alternate(i, 0, 255) : code));
      const full = { ...spec, weights };
      expect([...run(int8, full, codes)]).toEqual(plainConvolution(full, codes));
    }
  });

  /** A shift that keeps large sums within 16 bits, all bits of them counting. */
  const identity = (channels: number): CodeRounding => ({
    ...{ low: -128, high: 127, ties: 'even' },
    channels: Array.from({ length: channels }, () => ({ shift: 9, above: { factors: [1], add: 0 }, zero: 0 })),
  });

  it('ties go to even, or away from zero, and shifts may be 0', () => {
    const spec = specOf({ x: [1, 1, 1, 12], outputs: 1, kernel: [1, 1], pad: [0, 0] }, random, {
      range: signed,
      weights: [1],
    });
    const codes = [-7, -6, -5, -3, -2, -1, 0, 1, 2, 3, 5, 6];
    const half = (ties: 'even' | 'away', shift: number): CodeRounding => ({
      ...signed,
      ...{ ties, channels: [{ shift, above: { factors: [1], add: 0 }, zero: 0 }] },
    });
    expect([...run(int8, { ...spec, rounding: half('even', 1) }, codes)]).toEqual([
      -4, -3, -2, -2, -1, 0, 0, 0, 1, 2, 2, 3,
    ]);
    expect([...run(int8, { ...spec, rounding: half('away', 1) }, codes)]).toEqual([
      -4, -3, -3, -2, -1, -1, 0, 1, 1, 2, 3, 3,
    ]);
    for (const ties of ['even', 'away'] as const) {
      expect([...run(int8, { ...spec, rounding: half(ties, 0) }, codes)]).toEqual(codes);
    }
  });

  it('totals beyond 2^53 are exact', () => {
    const spec = specOf({ x: [1, 8, 3, 3], outputs: 3 }, random, {});
    const channels = [41, 50, 52].map((shift) => ({
      ...{ shift, above: { factors: [2 ** 40 + 12345, 3], add: -(2 ** 52) + 77 }, zero: 0 },
    }));
    const wide = { ...spec, rounding: { low: -32768, high: 32767, ties: 'even' as const, channels } };
    const codes = codesFor(spec.x, bytes);
    expect([...run(int8, wide, codes)]).toEqual(plainConvolution(wide, codes));
  });

  it('refuses what could overflow, and margins that are too small', () => {
    const spec = specOf({ x: [1, 8, 4, 4], outputs: 4 }, random, {});
    const [x, y] = [int8.images(spec.x, int8.convolutionMargin(spec)), int8.images(spec.y)];
    const wide = { ...spec, range: { low: -32768, high: 32767 }, weights: Array.from(spec.weights, () => 32767) };
    expect(int8.convolution(wide, x, y)).toBeUndefined();
    expect(int8.convolution({ ...spec, weights: Array.from(spec.weights, () => 40000) }, x, y)).toBeUndefined();
    const channels = spec.rounding.channels.map((one) => ({ ...one, above: { factors: [2 ** 50], add: 0 } }));
    expect(int8.convolution({ ...spec, rounding: { ...spec.rounding, channels } }, x, y)).toBeUndefined();
    expect(() => int8.convolution(spec, int8.images(spec.x), y)).toThrow(
      'int8: the margin of x is 0 0 0 0 (top, left, bottom, right); use 1 1 1 1 or more: see convolutionMargin',
    );
    expect(() => int8.convolution({ ...spec, weights: [1] }, x, y)).toThrow(
      '1 weights and 4 channels of rounding do not fit',
    );
  });

  it('margins and channels that are no channels stay zero', () => {
    const spec = specOf({ x: [1, 16, 8, 8], outputs: 19 }, random, { range: signed });
    const x = int8.images(spec.x, int8.convolutionMargin(spec));
    const y = int8.images(spec.y, { top: 3, left: 3, bottom: 3, right: 3 });
    x.write(codesFor(spec.x, signed));
    int8.convolution(spec, x, y)!.run();
    const { address, row, column, image } = y as unknown as Record<'address' | 'row' | 'column' | 'image', number>;
    const all = new Int16Array(backend.host.allocate(2).buffer, address - 3 * row - 3 * column, image / 2);
    const inside = y.read().reduce((sum, code) => sum + Math.abs(code), 0);
    expect(all.reduce((sum, code) => sum + Math.abs(code), 0)).toBe(inside);
  });

  it.each([1, 4, 13])('maxima and averages of windows, %d channels', (channels) => {
    const x = [2, channels, 5, 6];
    const codes = codesFor(x, signed);
    const rows = [[0, 2], [1, 4], [3, 5]] as const; // biome-ignore format: a row of pairs
    const columns = [[0, 3], [2, 4], [4, 6], [5, 6]] as const; // biome-ignore format: a row of pairs
    const y = [2, channels, 3, 4];
    const images = [int8.images(x), int8.images(y, { top: 1, left: 1, bottom: 1, right: 1 })] as const;
    images[0].write(codes);
    const round = rounding(channels, random);
    const weights = Array.from({ length: 12 }, () => 1 + random.integer(6));
    for (const given of [undefined, weights]) {
      const operation = int8.pooling(
        { x, y, range: signed, rows, columns, weights: given, rounding: round },
        ...images,
      )!;
      operation.run();
      const expected: number[] = [];
      for (let plane = 0; plane < 2 * channels; plane++) {
        rows.forEach(([top, bottom], r) => {
          columns.forEach(([left, right], k) => {
            const seen = [];
            for (let h = top; h < bottom; h++)
              for (let w = left; w < right; w++) seen.push(codes[(plane * 5 + h) * 6 + w]!);
            const sum = seen.reduce((total, code) => total + code, 0) * weights[r * 4 + k]!;
            expected.push(codesOf(round, plane % channels, [given === undefined ? Math.max(...seen) : sum]));
          });
        });
      }
      expect([...images[1].read()]).toEqual(expected);
    }
  });

  it.each([3, 8, 21])('sums, products and maxima, %d channels', (channels) => {
    const shape = [2, channels, 3, 5];
    const [a, b] = [codesFor(shape, signed), codesFor(shape, bytes)];
    const images = [a, b].map((codes) => {
      const made = int8.images(shape, { top: 1, left: 0, bottom: 0, right: 2 });
      made.write(codes);
      return made;
    });
    const y = int8.images(shape);
    const round = rounding(channels, random, {}, true);
    for (const { above, below } of round.channels) {
      for (const m of [above, below!]) (m.factors as number[]).push(random.integer(2 ** 30) - 2 ** 29);
    }
    const single = rounding(channels, random);
    const channel = (i: number): number => Math.floor(i / 15) % channels;
    const ranges = [signed, bytes];
    int8.combine({ method: 'add', shape, ranges, rounding: round }, images, y)!.run();
    expect([...y.read()]).toEqual(a.map((code, i) => codesOf(round, channel(i), [code, b[i]!])));
    int8.combine({ method: 'multiply', shape, ranges, rounding: single }, images, y)!.run();
    const products = a.map((code, i) => codesOf(single, channel(i), [code * b[i]!]));
    expect([...y.read()]).toEqual(products);
    int8.combine({ method: 'maximum', shape, ranges: [signed], rounding: single }, [images[0]!], y)!.run();
    expect([...y.read()]).toEqual(a.map((code, i) => Math.max(products[i]!, codesOf(single, channel(i), [code]))));
  });

  it('puts channels beside each other', () => {
    const y = int8.images([1, 12, 2, 2]);
    const parts = [5, 7].map((channels) => ({ channels, codes: codesFor([1, channels, 2, 2], signed) }));
    let to = 0;
    for (const { channels, codes } of parts) {
      const shape = [1, channels, 2, 2];
      const x = int8.images(shape);
      x.write(codes);
      const unchanged = { shift: 0, above: { factors: [1], add: 0 }, zero: 0 };
      const same: CodeRounding = { ...signed, ties: 'even', channels: Array(channels).fill(unchanged) };
      int8.combine({ method: 'add', shape, ranges: [signed], to, rounding: same }, [x], y)!.run();
      to += channels;
    }
    expect([...y.read()]).toEqual(parts.flatMap(({ codes }) => codes));
  });
});
