import type { GemmOperation, Operations } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import type { Context } from './context.ts';
import type { Places } from './places.ts';

const letter = (transposed: boolean): number => (transposed ? 'T' : 'N').charCodeAt(0);

/** Matrix products on plain values; the bias is added by the backend below. */
export function gemmWith(context: Context, places: Places, below: Operations): Operations['gemm'] {
  return (spec) => {
    const handed = below.gemm(spec);
    const { m, n, k, transA = false, transB = false, bias } = spec;
    if (m === 0 || n === 0 || k === 0) return handed;
    const row = bias === 'row';
    const biasShape = row ? { outer: m, channels: n, inner: 1 } : { outer: 1, channels: m, inner: n };
    const addBias = bias === undefined ? undefined : context.over.scaleBias({ ...biasShape, scale: false, bias: true });
    const [a0, b0] = [letter(transA), letter(transB)];
    const [lda, ldb] = [transA ? m : k, transB ? k : n];
    return {
      run(a, b, c, options) {
        const beta = options?.beta ?? 0;
        const from = context.address(places.readPlain(a));
        const by = context.address(places.readPlain(b));
        if (beta !== 0) places.readPlain(c);
        c.markCurrent('host');
        const to = context.address(c.address);
        context.useThreads();
        const code = context.api.sgemm(a0, b0, m, n, k, options?.alpha ?? 1, from, lda, by, ldb, beta, to, n);
        if (code !== 0) throw new CaffeError({ code: 'internal', problem: `oneDNN: dnnl_sgemm gave status ${code}` });
        context.counters.primitives++;
        if (addBias === undefined) return;
        places.readPlain(options!.bias!);
        addBias.forward({ x: c, y: c, bias: options!.bias! });
      },
    } satisfies GemmOperation;
  };
}
