import type { Operations } from '../backend.ts';
import type { GemmOperation, GemmSpec } from '../operations/index.ts';
import type { Engine } from './engine.ts';
import { unaryOn } from './unary.ts';

// Depth of a panel: a panel of A and one of B stay in the first cache together.
const panelDepth = 320;
// Rows and columns packed at once: what bounds the workspace.
const packedRows = 2048;
const packedColumns = 4096;
// Block of C that is one item (assembly/gemm.ts).
const block = 64;
// Below this many products a job is not worth waking a thread.
const soloProducts = 100_000;

export function gemmOn(engine: Engine): Operations['gemm'] {
  const product = (spec: GemmSpec): GemmOperation => {
    const { m, n, k } = spec;
    if (m === 0 || n === 0) return { run() {} };
    if (m < 4 && k > 0) return thin(engine, spec);
    if (n === 1 && k > 0) return thin(engine, transposed(spec));
    return blocked(engine, spec);
  };
  return (spec) => {
    const { m, n, relu } = spec;
    const { run } = product(spec);
    if (relu === undefined) return { run };
    const rectify = unaryOn(engine)({ name: 'relu', count: m * n, parameters: { slope: relu.slope } });
    return {
      run(a, b, c, options) {
        run(a, b, c, options);
        rectify.forward(c, c);
      },
    };
  };
}

/** A product with one column is one with one row: Cᵀ = Bᵀ·Aᵀ, and C and Cᵀ lie alike. */
function transposed({ m, n, k, transA = false, transB = false, bias }: GemmSpec): GemmSpec & { swapped: true } {
  const turned = bias === 'row' ? 'column' : bias === 'column' ? 'row' : undefined;
  return { m: n, n: m, k, transA: !transB, transB: !transA, bias: turned, swapped: true };
}

function thin(engine: Engine, spec: GemmSpec & { swapped?: true }): GemmOperation {
  const { m, n, k, transA = false, transB = false, bias, swapped } = spec;
  const aContiguous = !transA || m === 1;
  // The scalar-product form reads both along k; a strided A is rare there, and served by the other form for n = 1.
  if (transB && !aContiguous) return blocked(engine, spec);
  const kernel = transB ? 'gemmThinDot' : 'gemmThinRows';
  const columns = Math.max(16, Math.ceil(soloProducts / (m * k) / 16) * 16);
  const slots = ['a', 'b', 'c', 'm', 'k', 'aRow', 'aDepth', 'bRow', 'cRow', 'alpha', 'beta'] as const;
  const job = engine.job(kernel, [...slots, 'rowBias', 'columnBias'], n, columns);
  job.i32.m = m;
  job.i32.k = k;
  job.address.aRow = transA ? 4 : 4 * k;
  job.address.aDepth = transA ? 4 * m : 4;
  job.address.bRow = transB ? 4 * k : 4 * n;
  job.address.cRow = 4 * n;
  return {
    run(a, b, c, options) {
      job.address.a = (swapped ? b : a).address;
      job.address.b = (swapped ? a : b).address;
      job.address.c = c.address;
      job.f32.alpha = options?.alpha ?? 1;
      job.f32.beta = options?.beta ?? 0;
      const biasAddress = options?.bias?.address ?? 0;
      job.address.rowBias = bias === 'row' ? biasAddress : 0;
      job.address.columnBias = bias === 'column' ? biasAddress : 0;
      job.run();
    },
  };
}

const divide = (length: number, most: number, multiple: number): number => {
  const parts = Math.max(1, Math.ceil(length / most));
  return Math.ceil(length / parts / multiple) * multiple;
};

/** Packs panels of A and B into the shared workspace, then multiplies blocks of C. */
function blocked(engine: Engine, { m, n, k, transA = false, transB = false, bias }: GemmSpec): GemmOperation {
  const depth = divide(k, panelDepth, 1);
  const rows = divide(m, packedRows, block);
  const columns = divide(n, packedColumns, block);
  const aBytes = Math.ceil(rows / 4) * 4 * depth * 4;
  engine.reserveWorkspace({ perThread: 128, shared: aBytes + Math.ceil(columns / 8) * 8 * depth * 4 });

  const packSlots = ['source', 'target', 'count', 'depth', 'countStride', 'depthStride', 'scale'] as const;
  const panels = Math.max(1, Math.ceil(soloProducts / 4 / (8 * depth)));
  const packA = engine.job('packPanels4', packSlots, 0, panels * 2);
  const packB = engine.job('packPanels8', packSlots, 0, panels);
  packA.address.countStride = transA ? 4 : 4 * k;
  packA.address.depthStride = transA ? 4 * m : 4;
  packB.address.countStride = transB ? 4 * k : 4;
  packB.address.depthStride = transB ? 4 : 4 * n;
  packB.f32.scale = 1;
  const blocks = Math.max(1, Math.floor(soloProducts / (block * block * Math.max(1, depth))));
  const slots = ['a', 'b', 'c', 'm', 'n', 'k', 'stride', 'beta', 'rowBias', 'columnBias'] as const;
  const multiply = engine.job('gemmBlocks', slots, 0, blocks);
  multiply.address.stride = 4 * n;

  return {
    run(a, b, c, options) {
      const [aAt, bAt, cAt] = [a.address, b.address, c.address];
      const biasAt = options?.bias?.address ?? 0;
      const workspace = engine.sharedWorkspace();
      packA.f32.scale = options?.alpha ?? 1;
      packA.address.target = workspace;
      packB.address.target = workspace + aBytes;
      multiply.address.a = workspace;
      multiply.address.b = workspace + aBytes;
      for (let j = 0; j < n; j += columns) {
        const width = Math.min(columns, n - j);
        let p = 0;
        do {
          const deep = Math.min(depth, k - p);
          packB.address.source = bAt + j * packB.address.countStride + p * packB.address.depthStride;
          packB.i32.count = width;
          packB.i32.depth = deep;
          if (deep > 0) packB.run(Math.ceil(width / 8));
          for (let i = 0; i < m; i += rows) {
            const height = Math.min(rows, m - i);
            packA.address.source = aAt + i * packA.address.countStride + p * packA.address.depthStride;
            packA.i32.count = height;
            packA.i32.depth = deep;
            if (deep > 0) packA.run(Math.ceil(height / 4));
            multiply.address.c = cAt + 4 * (i * n + j);
            multiply.i32.m = height;
            multiply.i32.n = width;
            multiply.i32.k = deep;
            multiply.f32.beta = p === 0 ? (options?.beta ?? 0) : 1;
            multiply.address.rowBias = p === 0 && bias === 'row' && biasAt !== 0 ? biasAt + 4 * j : 0;
            multiply.address.columnBias = p === 0 && bias === 'column' && biasAt !== 0 ? biasAt + 4 * i : 0;
            multiply.run(Math.ceil(height / block) * Math.ceil(width / block));
          }
          p += depth;
        } while (p < k);
      }
    },
  };
}
