import { Phase, type QuantizationParameter_QParams as QParams } from '@jacinto/proto';
import { floatText } from './float-text.ts';

/** The values of one quantized blob. */
export interface QuantizedBlob {
  /** Position of the layer in the net. */
  index: number;
  layer: string;
  /** 'input' lists all bottoms, the others have one entry. */
  kind: 'weights' | 'bias' | 'input' | 'output';
  qparams: readonly QParams[];
}

/** What the plug-in tells; `quantizeEventText` words it as the original does. */
export type QuantizeEvent =
  | { type: 'quantization-started'; forwardCount: number }
  | { type: 'output-enabled'; layer: string; layerType: string }
  | { type: 'quantizing-net'; net: string; phase: number }
  | ({ type: 'quantized-blob' } & QuantizedBlob)
  /** Something a user should know but that is no error. */
  | { type: 'warning'; layer: string; message: string };

/** The original's log line of an event; those of 'quantized-blob' start with a space, as there. */
export function quantizeEventText(event: QuantizeEvent): string {
  switch (event.type) {
    case 'quantization-started':
      return `Enabling quantization flag in quantization_param at infer/iter index: ${event.forwardCount}`;
    case 'output-enabled':
      return `Enabling quantization at output of: ${event.layerType} ${event.layer}`;
    case 'quantizing-net':
      return `Quantizing the net: ${event.net} ${event.phase === Phase.TRAIN ? 'Train' : 'Test'}`;
    case 'quantized-blob':
      return ` Q ${title[event.kind]}:${event.index} Name:${event.layer}${event.qparams.map(fields).join('')}`;
    case 'warning':
      return `layer "${event.layer}": ${event.message}`;
  }
}

const title = { weights: 'weights', bias: 'bias', input: 'input ', output: 'output' };

/** File and line that the original logs an event from. */
export function quantizeEventSource(event: QuantizeEvent): string {
  switch (event.type) {
    case 'quantization-started':
      return 'net.cpp:1809';
    case 'output-enabled':
      return 'net.cpp:2195';
    case 'quantized-blob':
      return { weights: 'net.cpp:2428', bias: 'net.cpp:2442', input: 'net.cpp:2460', output: 'net.cpp:2475' }[
        event.kind
      ];
    default:
      return 'net.cpp:1828';
  }
}

function fields(q: QParams): string {
  const values: [string, number | boolean][] = [
    ['bitwidth', q.bitwidth],
    ['fracbits', q.fracbits],
    ['scale', q.scaleTarget],
    ['offset', q.offset],
    ['unsigned_data', q.unsignedData],
    ['min', q.min],
    ['max', q.max],
    ['scale_applied', q.scaleApplied],
    ['scale_target', q.scaleTarget],
  ];
  return values.map(([name, value]) => ` ${name}:${floatText(Number(value))}`).join('');
}
