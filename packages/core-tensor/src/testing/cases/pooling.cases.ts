import type { PoolingSpec } from '../../operations/index.ts';
import { countOf } from '../../tensor.ts';
import { type CaseArray, type CaseTable, distinct, f32, given, input, type OperationCase, output } from '../case.ts';

interface Shape {
  method: 'max' | 'average';
  x: readonly [number, number, number, number];
  kernel: readonly [number, number];
  stride?: readonly [number, number];
  pad?: readonly [number, number];
  /** Output height and width; default Caffe's ceil rule. */
  out?: readonly [number, number];
}

/** Caffe's output length: ceil, and the last window starts inside the image or its near padding. */
function pooledLength(length: number, kernel: number, stride: number, pad: number): number {
  const pooled = Math.ceil((length + 2 * pad - kernel) / stride) + 1;
  return pad > 0 && (pooled - 1) * stride >= length + pad ? pooled - 1 : pooled;
}

function poolingCase(shape: Shape, gradient = false, special?: { name: string; x: CaseArray }): OperationCase {
  const { method, x, kernel, stride = kernel, pad = [0, 0] } = shape;
  const out = shape.out ?? [0, 1].map((axis) => pooledLength(x[axis + 2]!, kernel[axis]!, stride[axis]!, pad[axis]!));
  const y = [x[0], x[1], out[0]!, out[1]!];
  const spec: PoolingSpec = { method, x: f32(x), y: f32(y), kernel, stride, pad };
  const max = method === 'max';
  const parts = [`${method} x=${x.join('x')} k=${kernel.join('x')} s=${stride.join('x')}`];
  if (pad.some((p) => p !== 0)) parts.push(`p=${pad.join('x')}`);
  if (shape.out !== undefined) parts.push(`out=${out.join('x')}`);
  if (special !== undefined) parts.push(special.name);
  return {
    name: parts.join(' '),
    arrays: {
      x: special?.x ?? input(x, distinct()),
      y: output(y, max ? 'exact' : 2e-6),
      ...(max ? { mask: output(y, 'exact') } : {}),
      dy: input(y),
      dx: output(x, 2e-6),
    },
    prepare(backend) {
      const operation = backend.pooling(spec);
      return {
        forward: (v) => operation.forward(v['x']!, v['y']!, v['mask']),
        backward: (v) => operation.backward(v['dy']!, v['dx']!, v['mask']),
      };
    },
    ...(gradient ? { gradientOf: ['x'] } : {}),
    work: {
      forward: { bytes: 4 * (countOf(x) + countOf(y) * (max ? 2 : 1)) },
      backward: { bytes: 4 * (countOf(x) + countOf(y) * (max ? 2 : 1)) },
    },
  };
}

const both = ['max', 'average'] as const;
const nan = Number.NaN;
const infinite = Number.POSITIVE_INFINITY;
const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 33];

export const poolingCases: CaseTable = {
  operation: 'pooling',
  cases: [
    ...both.flatMap((method) => [
      ...lengths.map((length) => poolingCase({ method, x: [1, 2, 4, length], kernel: [2, 2] })),
      ...lengths.map((length) =>
        poolingCase({ method, x: [1, 2, 5, length], kernel: [3, 3], stride: [2, 2], pad: [1, 1] }),
      ),
      ...lengths.map((length) =>
        poolingCase({ method, x: [1, 1, length, 3], kernel: [3, 3], stride: [1, 1], pad: [1, 1] }),
      ),
      poolingCase({ method, x: [2, 3, 7, 6], kernel: [3, 3], stride: [2, 2], pad: [1, 1] }, true),
      poolingCase({ method, x: [2, 3, 6, 5], kernel: [2, 2] }, true),
      poolingCase({ method, x: [2, 2, 6, 7], kernel: [3, 2], stride: [1, 3], pad: [2, 1] }, true),
      poolingCase({ method, x: [3, 5, 4, 4], kernel: [4, 4], stride: [1, 1] }, true),
      poolingCase({ method, x: [2, 3, 5, 5], kernel: [1, 1] }),
      poolingCase({ method, x: [2, 3, 9, 9], kernel: [2, 2], stride: [3, 3] }),
      poolingCase({ method, x: [2, 3, 11, 11], kernel: [3, 3], stride: [2, 2] }),
      poolingCase({ method, x: [1, 2, 19, 37], kernel: [5, 5], stride: [1, 1], pad: [2, 2] }),
      poolingCase({ method, x: [1, 2, 19, 37], kernel: [5, 5], stride: [2, 2], pad: [2, 2] }),
      poolingCase({ method, x: [2, 2, 13, 22], kernel: [4, 4], stride: [2, 2], pad: [1, 1] }, true),
      poolingCase({ method, x: [1, 3, 12, 31], kernel: [2, 2], stride: [2, 2], pad: [1, 1] }),
      poolingCase({ method, x: [1, 2, 23, 25], kernel: [7, 9], stride: [3, 2], pad: [3, 4] }),
      poolingCase({ method, x: [2, 64, 8, 8], kernel: [8, 8], stride: [1, 1] }),
      poolingCase({ method, x: [2, 17, 7, 7], kernel: [7, 7], stride: [1, 1] }),
      poolingCase({ method, x: [0, 2, 4, 4], kernel: [2, 2] }),
      // The last window lies outside the image: empty.
      poolingCase({ method, x: [1, 2, 4, 4], kernel: [2, 2], stride: [4, 4], out: [2, 2] }),
      poolingCase({ method, x: [1, 2, 4, 4], kernel: [2, 2], stride: [2, 2], pad: [1, 1], out: [4, 4] }),
    ]),
    poolingCase({ method: 'max', x: [1, 2, 8, 9], kernel: [2, 2] }, false, {
      name: 'ties, the first wins',
      x: input(144, given(3, 3, 1, 3)),
    }),
    poolingCase({ method: 'max', x: [1, 1, 6, 8], kernel: [2, 2] }, false, {
      name: 'zeros of both signs',
      x: input(48, given(0, -0, -0, 0, -0)),
    }),
    poolingCase({ method: 'max', x: [1, 1, 8, 8], kernel: [3, 3], stride: [1, 1] }, false, {
      name: 'NaN and infinity among numbers',
      x: input(64, given(nan, 1, 2, nan, -infinite, 4, infinite)),
    }),
    poolingCase({ method: 'max', x: [1, 2, 4, 8], kernel: [2, 2] }, false, {
      name: 'all NaN',
      x: input(64, given(nan)),
    }),
    poolingCase({ method: 'max', x: [2, 3, 9, 11], kernel: [3, 3], stride: [2, 2] }, false, {
      name: 'many windows of NaN alone',
      x: input(594, given(...Array<number>(40).fill(nan), 5)),
    }),
    poolingCase({ method: 'max', x: [1, 2, 3, 7], kernel: [1, 1] }, false, {
      name: 'windows of one value, NaN and infinity among them',
      x: input(42, given(nan, 1, 2, nan, -infinite, 4, infinite)),
    }),
    poolingCase({ method: 'max', x: [1, 1, 4, 10], kernel: [2, 2] }, false, {
      name: 'all -infinity',
      x: input(40, given(-infinite)),
    }),
    poolingCase({ method: 'average', x: [1, 1, 4, 8], kernel: [2, 2] }, false, {
      name: 'NaN spreads in its window only',
      x: input(32, given(1, 2, 3, 4, 5, 6, nan)),
    }),
  ],
  bench: [
    poolingCase({ method: 'max', x: [64, 32, 32, 32], kernel: [2, 2] }),
    poolingCase({ method: 'max', x: [64, 128, 16, 16], kernel: [2, 2] }),
    poolingCase({ method: 'max', x: [64, 64, 32, 32], kernel: [3, 3], stride: [2, 2] }),
    poolingCase({ method: 'average', x: [64, 512, 8, 8], kernel: [8, 8], stride: [1, 1] }),
    poolingCase({ method: 'average', x: [64, 64, 32, 32], kernel: [3, 3], stride: [2, 2] }),
  ],
};
