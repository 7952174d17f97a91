import type { NetQuantizationParameter } from '@jacinto/proto';
import { type LayerState, wholeParam } from './layer-state.ts';
import { hasQuantizableOutput, hasWeights, isData, isMerged } from './layer-types.ts';
import { neighboursOf } from './neighbours.ts';
import type { QuantizableLayer } from './quantizable-net.ts';

/**
 * Marks what is quantized (caffe-jacinto 0.17: EnableQuantizationForSelectedLayers): all blobs of layers with weights,
 * and the tops of quantizable layers that the next layer does not take into itself. Ignored layers are left alone.
 * `onOutput` hears of each layer whose output is marked.
 */
export function enableLayers(
  layers: readonly QuantizableLayer[],
  states: readonly LayerState[],
  settings: NetQuantizationParameter,
  onOutput: (layer: QuantizableLayer) => void,
): void {
  for (const [i, layer] of layers.entries()) {
    const param = wholeParam(states[i]!);
    if (settings.ignoredLayerNames.includes(layer.name)) continue;
    if (settings.quantizeWeights && hasWeights(layer.type)) for (const q of param.qparamW) q.quantize = true;
    if (!settings.quantizeActivations || !hasQuantizableOutput(layer.type)) continue;
    if (isMerged(layer.type, neighboursOf(layers, i))) continue;
    const tops = isData(layer.type) ? param.qparamOut.slice(0, 1) : param.qparamOut;
    for (const q of tops) q.quantize = true;
    onOutput(layer);
  }
}
