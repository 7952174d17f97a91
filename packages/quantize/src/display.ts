import { clone } from '@jacinto/proto';
import type { QuantizedBlob } from './events.ts';
import type { LayerState } from './layer-state.ts';
import type { QuantizableLayer } from './quantizable-net.ts';

/** All that is quantized, in the original's order (caffe-jacinto 0.17: DisplayQuantizationParams). */
export function quantizedBlobs(
  layers: readonly QuantizableLayer[],
  states: readonly Pick<LayerState, 'param'>[],
): QuantizedBlob[] {
  return layers.flatMap(({ name, index }, i) => {
    const { param } = states[i]!;
    if (param === undefined) return [];
    const { qparamW, qparamIn, qparamOut } = param;
    const found: QuantizedBlob[] = [
      { index, layer: name, kind: 'weights', qparams: qparamW.slice(0, 1) },
      { index, layer: name, kind: 'bias', qparams: qparamW.slice(1, 2) },
      { index, layer: name, kind: 'input', qparams: qparamIn },
      { index, layer: name, kind: 'output', qparams: qparamOut.slice(0, 1) },
    ];
    // Copies: what a listener keeps must not change with the next pass.
    return found
      .filter(({ qparams }) => qparams[0]?.quantize === true)
      .map((blob) => ({ ...blob, qparams: blob.qparams.map((q) => clone(q)) }));
  });
}
