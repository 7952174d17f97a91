import { EltwiseParameter } from '@jacinto/proto';
import type { QuantizableLayer } from './quantizable-net.ts';

/**
 * caffe-jacinto 0.17 adds without coefficients into the first input's memory: the first input, and through Split all
 * that shares with it, hold the sum afterwards. Called before each forward pass of the layer.
 */
export function shareSum({ type, layer, bottoms, tops }: QuantizableLayer): void {
  if (type !== 'Eltwise') return;
  const { eltwiseParam } = layer.layerParam;
  const sums = eltwiseParam === undefined || eltwiseParam.operation === EltwiseParameter.EltwiseOp.SUM;
  if (!sums || (eltwiseParam?.coeff.length ?? 0) > 0) return;
  const [first] = bottoms;
  const [top] = tops;
  if (first === undefined || top === undefined || first === top) return;
  top.reshape(first.shape);
  top.shareData(first);
}
