import { type Backend, createCpuBackend, Values } from '@jacinto/core-tensor';
import { seededRandom } from '@jacinto/core-tensor/testing';
import { verify } from '../check.ts';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { measure, type Subject } from '../measure.ts';
import { type GpuProduct, gpuJsProduct } from '../peers/gpu-js.ts';

interface Work {
  m: number;
  n: number;
  k: number;
  transA?: boolean;
  transB?: boolean;
  /** Measured beside gpu.js and plain JavaScript (square, nothing transposed). */
  peers?: boolean;
}

const works: Work[] = [
  { m: 512, n: 512, k: 512, peers: true },
  { m: 256, n: 256, k: 256, peers: true },
  { m: 1024, n: 1024, k: 1024 },
  { m: 512, n: 512, k: 512, transA: true },
  { m: 512, n: 512, k: 512, transB: true },
  { m: 64, n: 1000, k: 512, transB: true }, // an inner product layer: batch 64, 1,000 classes
  { m: 1000, n: 512, k: 64, transA: true }, // its weights' gradient
];

/** Matrix products on one core and on all, beside gpu.js's WebAssembly product and a plain JavaScript loop. */
export const gemm: BenchEntry = {
  name: 'gemm',
  description: 'matrix products in GFLOP/s, beside gpu.js (WASM) and a plain loop',
  async run(context) {
    const single = await createCpuBackend({ threads: 1 });
    const all = await createCpuBackend();
    const rows: Row[] = [];
    for (const work of works) {
      context.progress(`gemm ${nameOf(work)}`);
      rows.push(...(await measureWork(work, single, all, context)));
    }
    await Promise.all([single.dispose(), all.dispose()]);
    const headline = rows.find(
      ({ work, subject, ratio }) => work === '512×512×512' && subject.startsWith('jacinto, 1 ') && ratio !== undefined,
    );
    const notes =
      headline === undefined ? [] : [`512³ on one core: ${headline.ratio!.toFixed(1)} times ${headline.against}`];
    return { rows, notes: [all.description, ...notes] };
  },
};

async function measureWork(work: Work, single: Backend, all: Backend, context: BenchContext): Promise<Row[]> {
  const { m, n, k, peers } = work;
  const random = seededRandom(1);
  const a = Float32Array.from({ length: m * k }, () => random.uniform(-1, 1));
  const b = Float32Array.from({ length: k * n }, () => random.uniform(-1, 1));
  const expected = plainProduct(work, a, b);
  const subjects: Subject[] = [];
  for (const backend of all.threads === 1 ? [single] : [single, all])
    subjects.push(ours(work, backend, a, b, expected));
  const rows: Row[] = [];
  let gpu: GpuProduct | { absent: string } | undefined;
  if (peers) {
    gpu = gpuJsProduct(n, context);
    if ('absent' in gpu) rows.push({ work: nameOf(work), subject: 'gpu.js', note: gpu.absent });
    else subjects.push(gpuSubject(gpu, work, a, b, expected));
    subjects.push({ name: 'plain JavaScript loop', run: () => void plainProduct(work, a, b) });
  }
  const seconds = await measure(subjects, { rounds: 7 });
  const against = gpu !== undefined && !('absent' in gpu) ? gpu.name : peers ? 'plain JavaScript loop' : undefined;
  if (gpu !== undefined && !('absent' in gpu)) gpu.dispose();
  for (const [subject, time] of seconds) {
    const ratio = against === undefined || subject === against ? {} : { ratio: seconds.get(against)! / time, against };
    rows.push({
      work: nameOf(work),
      subject,
      seconds: time,
      rate: (2 * m * n * k) / time / 1e9,
      unit: 'GFLOP/s',
      ...ratio,
    });
  }
  return rows;
}

function nameOf({ m, n, k, transA, transB }: Work): string {
  return `${m}×${n}×${k}${transA ? ' A transposed' : ''}${transB ? ' B transposed' : ''}`;
}

function ours(work: Work, backend: Backend, a: Float32Array, b: Float32Array, expected: Float32Array): Subject {
  const { m, n, k, transA, transB } = work;
  const [va, vb, vc] = [m * k, k * n, m * n].map((count) => new Values(backend, count));
  va!.hostWrite().set(a);
  vb!.hostWrite().set(b);
  const operation = backend.gemm({ m, n, k, transA, transB });
  const name = `jacinto, ${backend.threads} thread${backend.threads === 1 ? '' : 's'}`;
  const run = () => operation.run(va!, vb!, vc!);
  run();
  verify(`${name}: ${nameOf(work)}`, vc!.hostRead(), expected);
  return { name, run };
}

function gpuSubject(
  gpu: GpuProduct,
  { m, n, k }: Work,
  a: Float32Array,
  b: Float32Array,
  expected: Float32Array,
): Subject {
  const rowsOf = (values: Float32Array, rows: number, columns: number) =>
    Array.from({ length: rows }, (_, i) => values.subarray(i * columns, (i + 1) * columns));
  const [ra, rb] = [rowsOf(a, m, k), rowsOf(b, k, n)];
  verify(
    gpu.name,
    gpu.multiply(ra, rb).flatMap((row) => [...row]),
    expected,
  );
  return { name: gpu.name, run: () => void gpu.multiply(ra, rb) };
}

/** What a careful JavaScript programmer writes: rows of B run through, sums kept in the row of C. */
function plainProduct({ m, n, k, transA, transB }: Work, a: Float32Array, b: Float32Array): Float32Array {
  const c = new Float32Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const value = transA ? a[p * m + i]! : a[i * k + p]!;
      if (transB) for (let j = 0; j < n; j++) c[i * n + j]! += value * b[j * k + p]!;
      else for (let j = 0; j < n; j++) c[i * n + j]! += value * b[p * n + j]!;
    }
  }
  return c;
}
