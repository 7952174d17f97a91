import { createCpuBackend, RandomStream } from '@jacinto/core-tensor';
import { afterAll, describe, expect, it, type TestContext } from 'vitest';
import { findOneDnn } from './find-library.ts';
import type { LowConvolutionSpec, LowInput, LowMatmulSpec, LowOperation } from './low-precision.ts';
import { createOneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();
const backend = found.usable
  ? await createOneDnnBackend({ found, over: await createCpuBackend({ threads: 2 }) })
  : undefined;
afterAll(() => backend?.dispose());
const low = backend?.lowPrecision;
const seed = 20;
let stream = 0;

/** Values of a type; `extreme`: its ends only. */
function filled(type: LowInput, count: number, extreme = false) {
  const floats = new Float32Array(count);
  new RandomStream(seed, stream++).uniform(floats, -1, 1);
  const ends = { s8: [-128, 127], u8: [0, 255] };
  if (type === 'bf16') return Uint16Array.from(new Uint32Array(floats.buffer), (bits) => bits >>> 16);
  const [least, most] = ends[type] as [number, number];
  const values = Array.from(floats, (v) =>
    extreme ? (v < -0.5 ? least : most) : Math.round(least + ((v + 1) / 2) * (most - least)),
  );
  return type === 's8' ? Int8Array.from(values) : Uint8Array.from(values);
}

const number = (array: Uint16Array | Int8Array | Uint8Array, i: number): number => {
  if (!(array instanceof Uint16Array)) return array[i]!;
  return new Float32Array(new Uint32Array([array[i]! << 16]).buffer)[0]!;
};
type Factor = ReturnType<typeof filled>;

function plainConvolution({ x, w, stride = [1, 1], pad = [0, 0], dilation = [1, 1], group = 1 }: LowConvolutionSpec) {
  return (shape: readonly number[], a: Factor, b: Factor): number[] => {
    const [, channels, height, width] = x as [number, number, number, number];
    const [outputs, perGroup, kh, kw] = w as [number, number, number, number];
    const sums: number[] = [];
    for (let n = 0; n < shape[0]!; n++)
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < shape[2]!; i++)
          for (let j = 0; j < shape[3]!; j++) {
            let sum = 0;
            for (let c = 0; c < perGroup; c++)
              for (let u = 0; u < kh; u++)
                for (let v = 0; v < kw; v++) {
                  const row = i * stride[0] - pad[0] + u * dilation[0];
                  const column = j * stride[1] - pad[1] + v * dilation[1];
                  if (row < 0 || row >= height || column < 0 || column >= width) continue;
                  const channel = Math.floor(o / (outputs / group)) * perGroup + c;
                  const at = ((n * channels + channel) * height + row) * width + column;
                  sum += number(a, at) * number(b, ((o * perGroup + c) * kh + u) * kw + v);
                }
            sums.push(sum);
          }
    return sums;
  };
}

const count = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** A processor without instructions for bf16 may have no fast kernel: that skips the test. Any other lack is a fault. */
function present(operation: LowOperation | undefined, input: LowInput, context: TestContext): LowOperation {
  if (operation === undefined && input === 'bf16' && !low!.processor.bf16) {
    return context.skip('oneDNN has no fast kernel of bf16 for this processor');
  }
  expect(operation, 'oneDNN has a fast kernel').toBeDefined();
  return operation!;
}

/** Runs it and compares: whole numbers exactly, floats to rounding. */
function compare(
  operation: LowOperation,
  { x, w, y, output, scale }: { x: Factor; w: Factor; y: number[]; output: 'f32' | 's32'; scale(i: number): number },
): void {
  const result = output === 's32' ? new Int32Array(y.length) : new Float32Array(y.length);
  operation.run(x, w as Int8Array, result);
  const largest = Math.max(1e-30, ...y.map((value, i) => Math.abs(value * scale(i))));
  for (let i = 0; i < y.length; i++) {
    const difference = Math.abs(result[i]! - y[i]! * scale(i));
    expect(difference, `value ${i}, seed ${seed}`).toBeLessThanOrEqual(output === 's32' ? 0 : 2e-6 * largest);
  }
}

const kinds: [input: LowInput, output: 'f32' | 's32', extreme: boolean][] = [
  ['bf16', 'f32', false],
  ['u8', 's32', false],
  ['s8', 's32', false],
  ['u8', 's32', true],
  ['s8', 's32', true],
  ['u8', 'f32', false],
  ['s8', 'f32', false],
];
const without = low?.inputs.includes('s8') === false ? ' (s8 and u8 skipped: the processor has no VNNI)' : '';
const other = (input: LowInput): LowInput => (input === 'bf16' ? 'bf16' : 's8');

describe.skipIf(low === undefined)('low precision on oneDNN (skipped where it is absent)', () => {
  describe.each(kinds)(`%s to %s, extreme: %s${without}`, (input, output, extreme) => {
    const unfit = !low?.inputs.includes(input);
    it.skipIf(unfit).for([
      [1, 1, 1],
      [3, 5, 7],
      [16, 32, 64],
      [17, 33, 65],
      [1, 100, 300],
      [64, 10, 1],
    ] as const)('matmul %i×%i, sums of %i', ([m, n, k], context) => {
      const made = (more: Partial<LowMatmulSpec>) => present(low!.matmul({ m, n, k, input, ...more }), input, context);
      const [x, w] = [filled(input, m * k, extreme), filled(other(input), k * n, extreme)];
      const y = Array.from({ length: m * n }, (_, i) => {
        let sum = 0;
        for (let p = 0; p < k; p++) sum += number(x, Math.floor(i / n) * k + p) * number(w, p * n + (i % n));
        return sum;
      });
      compare(made({ output }), { x, w, y, output, scale: () => 1 });
      if (input === 'bf16' || output === 's32') return;
      const scales = Array.from({ length: n }, (_, i) => 0.5 ** (i % 9));
      compare(made({ output, scales }), { x, w, y, output, scale: (i) => scales[i % n]! });
      compare(made({ scales: [0.3] }), { x, w, y, output, scale: () => Math.fround(0.3) });
    });

    it.skipIf(unfit).for<[string, Omit<LowConvolutionSpec, 'input'>]>([
      ['1×1', { x: [2, 16, 5, 5], w: [16, 16, 1, 1] }],
      ['3×3, padded', { x: [1, 16, 7, 9], w: [32, 16, 3, 3], pad: [1, 1] }],
      ['of colours, stride 2', { x: [2, 3, 9, 8], w: [8, 3, 3, 3], pad: [1, 1], stride: [2, 2] }],
      ['5×3, odd channels', { x: [1, 5, 8, 6], w: [7, 5, 5, 3], pad: [2, 0] }],
      ['dilated', { x: [1, 16, 9, 9], w: [16, 16, 3, 3], dilation: [2, 2], pad: [2, 2] }],
      ['groups', { x: [1, 32, 5, 5], w: [32, 16, 3, 3], group: 2, pad: [1, 1] }],
      ['depthwise', { x: [1, 16, 6, 6], w: [16, 1, 3, 3], group: 16, pad: [1, 1] }],
      ['as large as the input', { x: [1, 16, 3, 3], w: [16, 16, 3, 3] }],
    ])('convolution %s', ([, spec], context) => {
      const made = (more: Partial<LowConvolutionSpec>) =>
        present(low!.convolution({ ...spec, input, ...more }), input, context);
      const [x, w] = [filled(input, count(spec.x), extreme), filled(other(input), count(spec.w), extreme)];
      const operation = made({ output });
      const { shape } = operation;
      const y = plainConvolution({ ...spec, input })(shape, x, w);
      compare(operation, { x, w, y, output, scale: () => 1 });
      if (input === 'bf16' || output === 's32') return;
      const scales = Array.from({ length: shape[1]! }, (_, i) => 0.5 ** (i % 9));
      const scale = (i: number): number => scales[Math.floor(i / (shape[2]! * shape[3]!)) % shape[1]!]!;
      compare(made({ scales }), { x, w, y, output, scale });
    });
  });

  it('says in the description what the processor has', () => {
    const { vnni, bf16 } = low!.processor;
    expect(/with .*VNNI/.test(backend!.description)).toBe(vnni);
    expect(/with native bf16/.test(backend!.description)).toBe(bf16);
    expect(low!.inputs).toEqual(vnni ? ['bf16', 's8', 'u8'] : ['bf16']);
  });

  const spec = { m: 2, n: 3, k: 4, input: 'bf16' } as const;
  const integers = { ...spec, input: 's8' } as const;

  it('mistakes are named', () => {
    expect(() => low!.matmul({ ...spec, output: 's32' })).toThrow('sums of bf16 come out as f32');
    expect(() => low!.matmul({ ...spec, scales: [1] })).toThrow('are for s8 and u8 inputs that come out as f32');
    expect(() => low!.matmul({ ...integers, scales: [1, 2] })).toThrow(
      low!.processor.vnni ? 'are 2; give one, or 3, one a channel' : 'the processor has no VNNI',
    );
  });

  it('arrays of another type or count are named', (context) => {
    const { run } = present(low!.matmul(spec), 'bf16', context);
    const [x, w, y] = [new Uint16Array(8), new Uint16Array(12), new Float32Array(6)];
    expect(() => run(x, w.subarray(1), y)).toThrow('a Uint16Array of 11 was given for 4×3 values of type bf16');
    expect(() => run(x, new Int8Array(12), y)).toThrow('a Int8Array of 12 was given for 4×3 values of type bf16');
    expect(() => run(x, w, new Int32Array(6))).toThrow('a Int32Array of 6 was given for 2×3 values of type f32');
  });
});
