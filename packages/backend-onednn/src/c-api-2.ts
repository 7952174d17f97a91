import { CaffeError } from '@jacinto/proto/errors';
import type * as koffiModule from 'koffi';
import type { LibraryHandle } from 'koffi';

// Everything that holds for the C API of oneDNN 2.x only: names and signatures of functions, sizes of structs, values of
// enumerations (dnnl.h, dnnl_types.h). oneDNN 3 builds primitives without operation descriptors and needs a file of its own.

export type Koffi = typeof koffiModule;

/** A handle or an address: a C pointer as a number (user addresses stay below 2⁵³). */
export type Pointer = number;
/** The bytes of a dnnl_memory_desc_t. */
export type Desc = Uint8Array;
/** The bytes of an operation descriptor. */
export type OpDesc = Uint8Array;

/** sizeof(dnnl_memory_desc_t); the largest operation descriptor (convolution) has 5976 bytes. */
const descBytes = 696;
const opDescBytes = 6144;
const maxAxes = 12;
/** Where the parts of a dnnl_memory_desc_t lie. */
const part = {
  dims: 8,
  paddedDims: 112,
  paddedOffsets: 208,
  strides: 320,
  blocks: 416,
  blockSizes: 424,
  blockAxes: 520,
};

export const dataTypes = { bf16: 2, f32: 3, s32: 4, s8: 5, u8: 6 } as const;
export type DataTypeName = keyof typeof dataTypes;
export const propagation = { training: 64, inference: 96, backward: 128, backwardData: 160, backwardWeights: 192 };
export const algorithm = {
  convolutionDirect: 1,
  convolutionWinograd: 2,
  convolutionAuto: 3,
  relu: 31,
  binaryAdd: 0x1fff0,
  poolingMax: 511,
  poolingAverageIncludePadding: 0x2ff,
  poolingAverageExcludePadding: 0x3ff,
  lrnAcrossChannels: 0xaff,
  lrnWithinChannel: 0xbff,
};
/** DNNL_ARG_…: which argument of a primitive a memory is. */
export const argument = {
  src: 1,
  dst: 17,
  weights: 33,
  bias: 41,
  workspace: 64,
  diffSrc: 129,
  diffDst: 145,
  diffWeights: 161,
  diffBias: 169,
  /** What the first post-op reads: the base of its arguments, and src 1. */
  firstPostOp: 16_384 + 2,
};
const query = { implementation: 8, src: 129, diffSrc: 130, weights: 131, diffWeights: 132, dst: 133, diffDst: 134 };
export type Queried = Exclude<keyof typeof query, 'implementation'> | 'bias' | 'workspace';
const queryOf: Record<Queried, [what: number, index: number]> = {
  src: [query.src, 0],
  diffSrc: [query.diffSrc, 0],
  weights: [query.weights, 0],
  bias: [query.weights, 1],
  diffWeights: [query.diffWeights, 0],
  dst: [query.dst, 0],
  diffDst: [query.diffDst, 0],
  workspace: [135, 0],
};
const status = ['success', 'out of memory', 'invalid arguments', 'unimplemented', 'iterator ends', 'runtime error'];
const tagOfAxes = [0, 2, 3, 4, 5, 7, 10]; // dnnl_a, ab, abc, abcd, abcde, abcdef
const anyTag = 1;
const blockedTags = { 8: [60, 93, 133], 16: [47, 69, 112] }; // aBc8b, aBcd8b, aBcde8b and 16 alike

export interface ConvolutionGeometry {
  src: Desc;
  weights: Desc;
  bias: Desc | undefined;
  dst: Desc;
  stride: readonly number[];
  /** Counted from 0: a dense kernel has 0. */
  dilation: readonly number[];
  padBegin: readonly number[];
  padEnd: readonly number[];
}

export interface PoolingGeometry {
  src: Desc;
  dst: Desc;
  kernel: readonly number[];
  stride: readonly number[];
  padBegin: readonly number[];
  padEnd: readonly number[];
}

/** s = k + alpha/n·Σ x² over the n values of a window, y = x·s^−beta. */
export interface LrnParameters {
  size: number;
  alpha: number;
  beta: number;
  k: number;
}

export type OneDnn2 = ReturnType<typeof bindOneDnn2>;

/** Version of a loaded library, 2.x and 3.x alike. */
export function versionOf(koffi: Koffi, library: LibraryHandle): { major: number; text: string } {
  const numbers = koffi.decode(library.func('dnnl_version', 'void *', [])(), 'int', 3) as number[];
  return { major: numbers[0]!, text: Array.from(numbers).join('.') };
}

const failure = (name: string, code: number): CaffeError =>
  new CaffeError({ code: 'internal', problem: `oneDNN: dnnl_${name} failed: ${status[code] ?? code}` });

/** The functions of oneDNN 2.x that this package calls. */
export function bindOneDnn2(koffi: Koffi, library: LibraryHandle) {
  /** A function that returns a status; anything but success throws. `P` pointers to our arrays, `H` handles and addresses. */
  const bind = (name: string, signature: string, optional = false) => {
    const types = [...signature].map(
      (letter) => ({ P: 'void *', H: 'uintptr_t', i: 'int', l: 'int64_t', f: 'float' })[letter]!,
    );
    const call = library.func(`dnnl_${name}`, 'int', types) as (...values: unknown[]) => number;
    return (...values: unknown[]): boolean => {
      const code = call(...values);
      if (code === 0) return true;
      if (optional && (code === 2 || code === 3)) return false;
      throw failure(name, code);
    };
  };
  const made = new BigUint64Array(1);
  const result = (): Pointer => Number(made[0]);

  const engineCreate = bind('engine_create', 'Pii');
  const streamCreate = bind('stream_create', 'PHi');
  const initByTag = bind('memory_desc_init_by_tag', 'PiPii');
  const descSize = library.func('dnnl_memory_desc_get_size', 'size_t', ['void *']) as (desc: Desc) => number | bigint;
  const convolutionForward = bind('dilated_convolution_forward_desc_init', 'PiiPPPPPPPP');
  const convolutionData = bind('dilated_convolution_backward_data_desc_init', 'PiPPPPPPP');
  const convolutionWeights = bind('dilated_convolution_backward_weights_desc_init', 'PiPPPPPPPP');
  const poolForward = bind('pooling_forward_desc_init', 'PiiPPPPPP');
  const poolBackward = bind('pooling_backward_desc_init', 'PiPPPPPP');
  const lrnForward = bind('lrn_forward_desc_init', 'PiiPlfff');
  const lrnBackward = bind('lrn_backward_desc_init', 'PiPPlfff');
  const softmaxForward = bind('softmax_forward_desc_init', 'PiPi');
  const softmaxBackward = bind('softmax_backward_desc_init', 'PPPi');
  const pdCreate = bind('primitive_desc_create', 'PPHHH', true);
  const reorderCreate = bind('reorder_primitive_desc_create', 'PPHPHH', true);
  const pdDestroy = bind('primitive_desc_destroy', 'H');
  const queryMd = library.func('dnnl_primitive_desc_query_md', 'void *', ['uintptr_t', 'int', 'int']);
  const pdQuery = bind('primitive_desc_query', 'HiiP');
  const primitiveCreate = bind('primitive_create', 'PH');
  const memoryCreate = bind('memory_create', 'PPHH');
  const attrCreate = bind('primitive_attr_create', 'P');
  const postOpsCreate = bind('post_ops_create', 'P');
  const appendEltwise = bind('post_ops_append_eltwise', 'Hfiff');
  const appendBinary = bind('post_ops_append_binary', 'HiP');
  const appendSum = bind('post_ops_append_sum', 'Hf');
  const setScales = bind('primitive_attr_set_output_scales', 'HliP');
  const matmul = bind('matmul_desc_init', 'PPPPP');
  const effectiveIsa = library.func('dnnl_get_effective_cpu_isa', 'int', []) as () => number;
  const setPostOps = bind('primitive_attr_set_post_ops', 'HH');
  // Called for each layer in each run: without a list of arguments made for it.
  const execute = library.func('dnnl_primitive_execute', 'int', ['uintptr_t', 'uintptr_t', 'int', 'uintptr_t']) as (
    ...values: Pointer[]
  ) => number;

  const numbers = (values: readonly number[]): BigInt64Array => {
    const array = new BigInt64Array(maxAxes);
    for (let i = 0; i < values.length; i++) array[i] = BigInt(values[i]!);
    return array;
  };
  const opDesc = (fill: (desc: OpDesc) => unknown): OpDesc => {
    const desc = new Uint8Array(opDescBytes);
    fill(desc);
    return desc;
  };
  const byTag = (shape: readonly number[], tag: number, type: DataTypeName = 'f32'): Desc => {
    const desc = new Uint8Array(descBytes);
    initByTag(desc, shape.length, numbers(shape), dataTypes[type], tag);
    return desc;
  };
  const windows = (g: ConvolutionGeometry) =>
    [numbers(g.stride), numbers(g.dilation), numbers(g.padBegin), numbers(g.padEnd)] as const;
  const pools = (g: PoolingGeometry) =>
    [numbers(g.stride), numbers(g.kernel), numbers(g.padBegin), numbers(g.padEnd)] as const;

  return {
    createEngine(): Pointer {
      engineCreate(made, 1, 0);
      return result();
    },
    createStream(engine: Pointer): Pointer {
      streamCreate(made, engine, 1);
      return result();
    },
    destroyEngine: bind('engine_destroy', 'H'),
    destroyStream: bind('stream_destroy', 'H'),
    waitStream: bind('stream_wait', 'H'),

    /** C order; one value where there are no axes. */
    plainDesc: (shape: readonly number[], type: DataTypeName = 'f32'): Desc =>
      byTag(shape, tagOfAxes[shape.length]!, type),
    /** N,C,… with channels in blocks of 8 or 16, as its convolutions like them. */
    blockedDesc: (shape: readonly number[], block: 8 | 16): Desc => byTag(shape, blockedTags[block][shape.length - 3]!),
    /** oneDNN chooses. */
    anyDesc: (shape: readonly number[], type: DataTypeName = 'f32'): Desc => byTag(shape, anyTag, type),
    descSize: (desc: Desc): number => Number(descSize(desc)),
    /** Block sizes of a layout by axis, from the outside in ("16 of axis 1"); none for plain ones. */
    blocksOf(desc: Desc): [axis: number, size: number][] {
      const view = new BigInt64Array(desc.slice().buffer);
      const blocks: [number, number][] = [];
      for (let i = 0; i < new DataView(desc.buffer).getInt32(part.blocks, true); i++) {
        blocks.push([Number(view[part.blockAxes / 8 + i]), Number(view[part.blockSizes / 8 + i])]);
      }
      return blocks;
    },

    convolutionForward: (kind: number, chosen: number, g: ConvolutionGeometry): OpDesc =>
      opDesc((d) => convolutionForward(d, kind, chosen, g.src, g.weights, g.bias ?? null, g.dst, ...windows(g))),
    convolutionBackwardData: (chosen: number, g: ConvolutionGeometry): OpDesc =>
      opDesc((d) => convolutionData(d, chosen, g.src, g.weights, g.dst, ...windows(g))),
    convolutionBackwardWeights: (chosen: number, g: ConvolutionGeometry): OpDesc =>
      opDesc((d) => convolutionWeights(d, chosen, g.src, g.weights, g.bias ?? null, g.dst, ...windows(g))),
    poolForward: (kind: number, chosen: number, g: PoolingGeometry): OpDesc =>
      opDesc((d) => poolForward(d, kind, chosen, g.src, g.dst, ...pools(g))),
    poolBackward: (chosen: number, g: PoolingGeometry): OpDesc =>
      opDesc((d) => poolBackward(d, chosen, g.src, g.dst, ...pools(g))),
    lrnForward: (kind: number, chosen: number, data: Desc, { size, alpha, beta, k }: LrnParameters): OpDesc =>
      opDesc((d) => lrnForward(d, kind, chosen, data, size, alpha, beta, k)),
    lrnBackward: (chosen: number, data: Desc, { size, alpha, beta, k }: LrnParameters): OpDesc =>
      opDesc((d) => lrnBackward(d, chosen, data, data, size, alpha, beta, k)),
    /** Over the channels. */
    softmaxForward: (kind: number, data: Desc): OpDesc => opDesc((d) => softmaxForward(d, kind, data, 1)),
    softmaxBackward: (data: Desc): OpDesc => opDesc((d) => softmaxBackward(d, data, data, 1)),

    matmul: (src: Desc, weights: Desc, dst: Desc, bias?: Desc): OpDesc =>
      opDesc((d) => matmul(d, src, weights, bias ?? null, dst)),

    /** A primitive descriptor, or undefined where oneDNN has no implementation. */
    describe(engine: Pointer, desc: OpDesc, attributes: Pointer = 0, forward: Pointer = 0): Pointer | undefined {
      return pdCreate(made, desc, attributes, engine, forward) ? result() : undefined;
    },
    describeReorder(engine: Pointer, from: Desc, to: Desc, attributes: Pointer = 0): Pointer | undefined {
      return reorderCreate(made, from, engine, to, engine, attributes) ? result() : undefined;
    },
    forget: pdDestroy,
    /** The layout that a described primitive wants for an argument. */
    descOf(primitiveDesc: Pointer, which: Queried): Desc {
      const [what, index] = queryOf[which];
      const at = queryMd(primitiveDesc, what, index);
      return new Uint8Array(koffi.view(at, descBytes)).slice();
    },
    /** "jit:avx512_core" and the like. */
    implementation(primitiveDesc: Pointer): string {
      pdQuery(primitiveDesc, query.implementation, 0, made);
      return koffi.decode.string(made[0]);
    },
    createPrimitive(primitiveDesc: Pointer): Pointer {
      primitiveCreate(made, primitiveDesc);
      return result();
    },
    destroyPrimitive: bind('primitive_destroy', 'H'),
    createMemory(desc: Desc, engine: Pointer, address: Pointer): Pointer {
      memoryCreate(made, desc, engine, address);
      return result();
    },
    setAddress: bind('memory_set_data_handle', 'HH'),
    destroyMemory: bind('memory_destroy', 'H'),
    /** Attributes of a reorder that adds to its result. */
    addingAttributes(): Pointer {
      attrCreate(made);
      const attributes = result();
      postOpsCreate(made);
      appendSum(result(), 1);
      setPostOps(attributes, result());
      return attributes;
    },
    /** Attributes that add values in that layout, then y = max(y,0) + slope·min(y,0); 0 for neither. */
    fusedAttributes({ add, slope }: { add?: Desc; slope?: number }): Pointer {
      if (add === undefined && slope === undefined) return 0;
      attrCreate(made);
      const attributes = result();
      postOpsCreate(made);
      const postOps = result();
      if (add !== undefined) appendBinary(postOps, algorithm.binaryAdd, add);
      if (slope !== undefined) appendEltwise(postOps, 1, algorithm.relu, slope, 0);
      setPostOps(attributes, postOps);
      return attributes;
    },
    /** Attributes with factors of the result, one for all or one for each value of axis 1. */
    scaledAttributes(scales: readonly number[]): Pointer {
      attrCreate(made);
      const attributes = result();
      setScales(attributes, scales.length, scales.length === 1 ? 0 : 2, Float32Array.from(scales));
      return attributes;
    },
    /** What oneDNN uses of the processor, and what that means for arithmetic in few bits. */
    processor(): { vnni: boolean; bf16: boolean; amx: boolean } {
      const isa = effectiveIsa();
      const wide = (isa & 0x27) === 0x27; // avx512_core; then a bit each for VNNI and bf16, two for AMX
      return {
        vnni: wide && (isa & 0x40) !== 0,
        bf16: wide && (isa & 0x80) !== 0,
        amx: wide && (isa & 0x300) === 0x300,
      };
    },
    /** Of the registers that oneDNN works with: 64 (AVX-512), 32 (AVX2), or 16. */
    vectorBytes(): 64 | 32 | 16 {
      const isa = effectiveIsa();
      if ((isa & 0x27) === 0x27) return 64;
      return (isa & 0x7) === 0x7 ? 32 : 16;
    },
    execute(primitive: Pointer, stream: Pointer, count: number, list: Pointer): void {
      const code = execute(primitive, stream, count, list);
      if (code !== 0) throw failure('primitive_execute', code);
    },
    /** Row-major C = alpha·A·B + beta·C. */
    sgemm: library.func('dnnl_sgemm', 'int', [
      ...['char', 'char', 'int64_t', 'int64_t', 'int64_t', 'float', 'uintptr_t', 'int64_t', 'uintptr_t', 'int64_t'],
      ...['float', 'uintptr_t', 'int64_t'],
    ]) as (...values: unknown[]) => number,
  };
}

/** Columns×rows in C order, seen as rows×columns. */
export function transposedDesc(desc: Desc): Desc {
  const made = desc.slice();
  for (const at of [part.dims, part.paddedDims, part.strides]) new BigInt64Array(made.buffer, at, 2).reverse();
  return made;
}

/** `count` arrays of that layout one behind the other, along a new first axis. `bytes`: of one. */
export function stackedDesc(desc: Desc, count: number, bytes: number): Desc {
  return withFirstAxis(desc, count, bytes / 4);
}

/** The same memory of N,C,… seen as group,N,C/groups,…; blocks of channels must divide C/groups. */
export function groupedDesc(desc: Desc, groups: number): Desc {
  const from = new DataView(desc.buffer, desc.byteOffset);
  const channels = Number(from.getBigInt64(part.dims + 8, true)) / groups;
  const block = from.getInt32(part.blocks, true) === 0 ? 1 : Number(from.getBigInt64(part.blockSizes, true));
  const grouped = withFirstAxis(desc, groups, (channels / block) * Number(from.getBigInt64(part.strides + 8, true)));
  const view = new DataView(grouped.buffer);
  for (const at of [part.dims, part.paddedDims]) view.setBigInt64(at + 16, BigInt(channels), true);
  return grouped;
}

/** N,C,H,W in blocks of channels, with as much room behind what has one index on these first axes as it takes. */
export function interleavedDesc(desc: Desc, axes: number): Desc {
  const made = desc.slice();
  const strides = new BigInt64Array(made.buffer, part.strides, axes);
  strides.forEach((stride, axis) => {
    strides[axis] = 2n * stride;
  });
  return made;
}

function withFirstAxis(desc: Desc, length: number, stride: number): Desc {
  const made = desc.slice();
  const view = new DataView(made.buffer);
  const firsts = { dims: length, paddedDims: length, paddedOffsets: 0, strides: stride } as const;
  for (const [name, first] of Object.entries(firsts)) {
    const at = part[name as keyof typeof firsts];
    made.copyWithin(at + 8, at, at + 8 * (maxAxes - 1));
    view.setBigInt64(at, BigInt(first), true);
  }
  for (let i = 0; i < view.getInt32(part.blocks, true); i++) {
    const at = part.blockAxes + 8 * i;
    view.setBigInt64(at, view.getBigInt64(at, true) + 1n, true);
  }
  view.setInt32(0, view.getInt32(0, true) + 1, true);
  return made;
}

/** A list of dnnl_exec_arg_t: 16 bytes each, the argument's number and a memory. */
export function executionArguments(entries: readonly (readonly [argument: number, memory: Pointer])[]): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(16 * entries.length));
  const view = new DataView(bytes.buffer);
  entries.forEach(([which, memory], i) => {
    view.setInt32(16 * i, which, true);
    view.setBigUint64(16 * i + 8, BigInt(memory), true);
  });
  return bytes;
}
