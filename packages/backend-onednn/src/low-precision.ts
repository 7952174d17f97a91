import { CaffeError } from '@jacinto/proto/errors';
import {
  algorithm,
  argument,
  type DataTypeName,
  type Desc,
  type OpDesc,
  propagation,
  type Queried,
} from './c-api-2.ts';
import type { Context } from './context.ts';

/** Arrays of each type; bf16 values are the upper halves of floats. */
interface Arrays {
  bf16: Uint16Array;
  s8: Int8Array;
  u8: Uint8Array;
  f32: Float32Array;
  s32: Int32Array;
}
export type LowInput = 'bf16' | 's8' | 'u8';
type Output = 'f32' | 's32';

interface LowTypes {
  /** Of the first factor: bf16, or s8 or u8, whose other factor is s8. */
  input: LowInput;
  /** Default f32; s32, the sums as they are, for s8 and u8 only. */
  output?: Output;
  /** Factors of s8 and u8 sums that come out as f32: one, or one for each column or output channel. Default 1. */
  scales?: readonly number[];
}

export interface LowMatmulSpec extends LowTypes {
  m: number;
  n: number;
  k: number;
}

export interface LowConvolutionSpec extends LowTypes {
  /** N,C,H,W. */
  x: readonly number[];
  /** Outputs,C/group,KH,KW. */
  w: readonly number[];
  /** Default 1. */
  stride?: readonly [number, number];
  /** Default 0; both sides alike. */
  pad?: readonly [number, number];
  /** Default 1: a dense kernel. */
  dilation?: readonly [number, number];
  /** Default 1. */
  group?: number;
}

export interface LowOperation {
  /** Of the result. */
  readonly shape: readonly number[];
  /** oneDNN's name of the kernel: "brg:avx512_core_vnni". */
  readonly implementation: string;
  /** Plain arrays in C order, of the types that were named. @throws CaffeError 'bad-value' for another type or count. */
  run(x: Arrays[LowInput], w: Uint16Array | Int8Array, y: Float32Array | Int32Array): void;
}

/** Primitives in few bits, for mixed precision and integer inference. */
export interface LowPrecision {
  /** What the processor has, as oneDNN uses it. Without `bf16`, oneDNN does it in floats or not at all. */
  readonly processor: { readonly vnni: boolean; readonly bf16: boolean; readonly amx: boolean };
  /** Types that `input` may be. s8 and u8 need VNNI: without, oneDNN's sums of two products saturate at 16 bits. */
  readonly inputs: readonly LowInput[];
  /** y (m×n) = scale · x (m×k) · w (k×n), summed in f32 or s32; undefined where oneDNN has no fast kernel. */
  matmul(spec: LowMatmulSpec): LowOperation | undefined;
  /** 2-D convolution without bias, as Caffe's; undefined where oneDNN has no fast kernel. */
  convolution(spec: LowConvolutionSpec): LowOperation | undefined;
}

export function lowPrecisionWith(context: Context): LowPrecision {
  const { api } = context;
  const processor = api.processor();
  const inputs: LowInput[] = ['bf16', ...(processor.vnni ? (['s8', 'u8'] as const) : [])];

  const make = (types: LowTypes, shapes: { x: number[]; w: number[]; y: number[] }, build: Build) => {
    const { input, output = 'f32', scales = [1] } = types;
    check(types, inputs, shapes.y[1]!);
    const scaled = input !== 'bf16' && scales.some((scale) => scale !== 1);
    const kinds = { x: input, w: input === 'bf16' ? 'bf16' : 's8', y: output } as const;
    const any = (which: 'x' | 'w' | 'y') => api.anyDesc(shapes[which], kinds[which]);
    const key = JSON.stringify(['low', shapes, kinds, scaled ? scales : [], build.key]);
    const primitive = context.primitive(key, () =>
      context.describe(build.desc(any('x'), any('w'), any('y')), undefined, scaled ? api.scaledAttributes(scales) : 0),
    );
    if (primitive === undefined) return undefined;
    const place = (which: 'x' | 'w' | 'y', queried: Queried): Place => {
      const wanted = api.descOf(primitive.descriptor, queried);
      return placeOf(context, { shape: shapes[which], type: kinds[which], wanted, out: which === 'y' });
    };
    const places = [place('x', 'src'), place('w', 'weights'), place('y', 'dst')] as const;
    const numbers = [argument.src, argument.weights, argument.dst];
    const call = context.call(
      primitive,
      places.map(({ desc }, i) => [numbers[i]!, { desc }] as const),
    );
    return {
      shape: shapes.y,
      implementation: primitive.implementation,
      run(x, w, y) {
        const arrays = [x, w, y] as const;
        for (const [i, array] of arrays.entries()) places[i]!.check(array);
        for (const [i, array] of arrays.entries()) call.place(i, places[i]!.before(array));
        call.run();
        places[2].after(y);
      },
    } satisfies LowOperation;
  };

  return {
    processor,
    inputs,
    matmul: ({ m, n, k, ...types }) =>
      make(types, { x: [m, k], w: [k, n], y: [m, n] }, { key: 'matmul', desc: (x, w, y) => api.matmul(x, w, y) }),
    convolution({ x, w, stride = [1, 1], pad = [0, 0], dilation = [1, 1], group = 1, ...types }) {
      const window = [0, 1].map((i) => dilation[i]! * (w[i + 2]! - 1) + 1);
      const out = [0, 1].map((i) => Math.floor((x[i + 2]! + 2 * pad[i]! - window[i]!) / stride[i]!) + 1);
      const padEnd = [0, 1].map((i) => (out[i]! - 1) * stride[i]! + window[i]! - x[i + 2]! - pad[i]!);
      const grouped = group === 1 ? [...w] : [group, w[0]! / group, ...w.slice(1)];
      const rest = { bias: undefined, stride, padBegin: pad, padEnd, dilation: dilation.map((each) => each - 1) };
      return make(
        types,
        { x: [...x], w: grouped, y: [x[0]!, w[0]!, ...out] },
        {
          key: JSON.stringify([stride, pad, dilation, group]),
          desc: (src, weights, dst) =>
            api.convolutionForward(propagation.inference, algorithm.convolutionDirect, { src, weights, dst, ...rest }),
        },
      );
    },
  };
}

interface Build {
  key: string;
  desc(x: Desc, w: Desc, y: Desc): OpDesc;
}

function check({ input, output, scales }: LowTypes, inputs: readonly LowInput[], channels: number): void {
  const bad = (field: string, problem: string) => new CaffeError({ code: 'bad-value', field, problem });
  if (!inputs.includes(input)) {
    const problem = `inputs of type ${input} cannot be computed exactly here: the processor has no VNNI`;
    throw new CaffeError({ code: 'unsupported', field: 'input', problem, fix: `use ${inputs.join(', ')}` });
  }
  if (input === 'bf16' && output === 's32') throw bad('output', 'is s32: sums of bf16 come out as f32');
  if (scales === undefined) return;
  if (input === 'bf16' || output === 's32') throw bad('scales', 'are for s8 and u8 inputs that come out as f32');
  if (scales.length !== 1 && scales.length !== channels) {
    throw bad('scales', `are ${scales.length}; give one, or ${channels}, one a channel`);
  }
}

/** One argument: a plain array, and memory in the layout that the primitive wants where that is another. */
interface Place {
  readonly desc: Desc;
  check(array: ArrayBufferView): void;
  /** Offset of what the primitive takes; fills it where it is read. */
  before(array: ArrayBufferView): number;
  after(array: ArrayBufferView): void;
}

const arrayTypes = { bf16: Uint16Array, s8: Int8Array, u8: Uint8Array, f32: Float32Array, s32: Int32Array };

function placeOf(
  context: Context,
  { shape, type, wanted, out }: { shape: readonly number[]; type: DataTypeName; wanted: Desc; out: boolean },
): Place {
  const { api } = context;
  const plain = api.plainDesc(shape, type);
  const count = shape.reduce((product, length) => product * length, 1);
  const same = Buffer.compare(plain, wanted) === 0;
  const own = same ? undefined : new Uint8Array(new ArrayBuffer(api.descSize(wanted)));
  const [from, to] = out ? [wanted, plain] : [plain, wanted];
  const key = `reorder low ${out} ${type} ${shape} ${Buffer.from(wanted).toString('base64')}`;
  const reorder = same ? undefined : context.primitive(key, () => api.describeReorder(context.engine, from, to));
  if (!same && reorder === undefined) {
    throw new CaffeError({ code: 'internal', problem: `oneDNN cannot reorder ${type} values of shape ${shape}` });
  }
  const call =
    reorder &&
    context.call(reorder, [
      [argument.src, { desc: from }],
      [argument.dst, { desc: to }],
    ]);
  const move = (source: ArrayBufferView, target: ArrayBufferView): void => {
    call!.place(0, context.offsetOf(source));
    call!.place(1, context.offsetOf(target));
    call!.run();
    context.counters.primitives--;
    context.counters.reorders++;
  };
  return {
    desc: wanted,
    check(array) {
      const wantedType = arrayTypes[type];
      if (array instanceof wantedType && array.length === count) return;
      const given = `${array.constructor.name} of ${(array as Uint8Array).length}`;
      const problem = `a ${given} was given for ${shape.join('×')} values of type ${type}`;
      throw new CaffeError({ code: 'bad-value', problem, fix: `give a ${wantedType.name} of ${count}` });
    },
    before(array) {
      if (own === undefined) return context.offsetOf(array);
      if (!out) move(array, own);
      return context.offsetOf(own);
    },
    after(array) {
      if (own !== undefined && out) move(own, array);
    },
  };
}
