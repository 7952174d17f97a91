import type { Net } from '@jacinto/net';
import { has } from '@jacinto/proto';
import { type QuantizeEvent, Quantizer, quantizeEventSource, quantizeEventText } from '@jacinto/quantize';
import type { Compat } from '@jacinto/solvers-mixed';
import { faultsOf } from './commands/command.ts';
import type { Log } from './glog.ts';

export interface QuantizeNetOptions {
  compat: Compat;
  /** Whether a GPU was asked for: caffe-jacinto 0.17 rounds ties otherwise there than on a CPU. */
  gpu: boolean;
}

/**
 * Runs a net with simulated fixed point from now on, where its prototxt asks for that: `quantize: true`, or a
 * quantization_param of a layer. What the plug-in tells is logged. Undefined where nothing asks.
 */
export function quantizeNet(net: Net, log: Log, { compat, gpu }: QuantizeNetOptions): Quantizer | undefined {
  const isAsked = net.param.quantize || net.layers.some(({ layer }) => has(layer.layerParam, 'quantizationParam'));
  if (!isAsked) return undefined;
  const faults = faultsOf(compat);
  const quantizer = new Quantizer({
    rounding: faults !== undefined && !gpu ? 'cpu' : 'gpu',
    compat: faults,
    onEvent: (event) => logQuantizeEvent(log, event),
  });
  net.use(quantizer);
  return quantizer;
}

function logQuantizeEvent(log: Log, event: QuantizeEvent): void {
  if (event.type === 'warning') log.warning(quantizeEventSource(event), quantizeEventText(event));
  else log.info(quantizeEventSource(event), quantizeEventText(event));
}
