import type { ConvolutionOperation, ConvolutionSpec } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import type { Engine } from './engine.ts';
import { gemmOn } from './gemm.ts';
import { reduceOn } from './reduce.ts';

/** Whether a kernel covers its whole input exactly: then the convolution is an inner product. */
export function isMatrixProduct({ x, w, y, pad, group }: ConvolutionSpec): boolean {
  const kernel = w.shape.slice(2);
  const covers = kernel.every((length, i) => length === x.shape[i + 2] && pad[i] === 0);
  return group === 1 && covers && countOf(y.shape.slice(2)) === 1;
}

/** y (N×O) = x (N×CK) · wᵀ (CK×O) + b, and its gradients, as matrix products. */
export function matrixConvolution(engine: Engine, { x, w, bias, relu }: ConvolutionSpec): ConvolutionOperation {
  const [batch, outputs] = [x.shape[0]!, w.shape[0]!];
  const inputs = countOf(w.shape.slice(1));
  const gemm = gemmOn(engine);
  const product = gemm({ m: batch, n: outputs, k: inputs, transB: true, bias: bias ? 'row' : undefined, relu });
  const dataGradient = gemm({ m: batch, n: inputs, k: outputs });
  const weightGradient = gemm({ m: outputs, n: inputs, k: batch, transA: true });
  const biasGradient = reduceOn(engine)({ method: 'sum', outer: 1, axis: batch, inner: outputs });
  return {
    forward: (xValues, wValues, b, y) => product.run(xValues, wValues, y, { bias: b }),
    backwardData: (dy, wValues, dx) => dataGradient.run(dy, wValues, dx),
    backwardWeights(xValues, dy, dw, db, { accumulate }) {
      if (dw !== undefined) weightGradient.run(dy, xValues, dw, { beta: accumulate ? 1 : 0 });
      if (db !== undefined) biasGradient.run(dy, db, { accumulate });
    },
  };
}
