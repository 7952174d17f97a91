import { CaffeError } from '@jacinto/proto';
import { type ConvolutionWeights, type Fractions, fractionFor } from './convolution.ts';
import { zeroBlocks, zeroFilters, zeroInputs, zeroNOfM } from './patterns.ts';
import { type Caps, channelThreshold, layerThreshold, zeroUpTo } from './threshold.ts';

/**
 * Which weights become 0 first.
 * - channel: the smallest of each output channel, under the caps (caffe-jacinto 0.17).
 * - layer: the smallest of the layer, under the caps (0.16).
 * - n:m: of each m weights side by side along the inputs, all but the n largest at least (hardware with N:M sparsity).
 * - filters, inputs: whole output channels, whole input channels, those with the smallest Σ|w|.
 * - block: blocks of `rows` outputs × `columns` inputs at one tap, those with the smallest Σ|w|.
 */
export type Method =
  | { kind: 'channel' }
  | { kind: 'layer'; stepFactor?: number }
  | { kind: 'n:m'; n: number; m: number }
  | { kind: 'filters' }
  | { kind: 'inputs' }
  | { kind: 'block'; rows: number; columns: number };

/** Zeroes weights of one layer in place; gives false where the layer stays dense. */
export function sparsify(
  convolution: ConvolutionWeights,
  fractions: Fractions,
  { method = { kind: 'channel' }, ...caps }: Caps & { method?: Method } = {},
): boolean {
  const fraction = fractionFor(convolution, fractions, { layerWise: method.kind === 'layer' });
  if (fraction === undefined) return false;
  const { values, shape } = convolution;
  switch (method.kind) {
    case 'channel': {
      const outputs = shape[0]!;
      const length = values.length / outputs;
      for (let c = 0; c < outputs; c++) {
        const channel = values.subarray(c * length, (c + 1) * length);
        zeroUpTo(channel, channelThreshold(channel, fraction, caps));
      }
      break;
    }
    case 'layer':
      zeroUpTo(values, layerThreshold(values, fraction, { ...caps, stepFactor: method.stepFactor }));
      break;
    case 'n:m':
      zeroNOfM(convolution, fraction, method);
      break;
    case 'filters':
      zeroFilters(convolution, fraction);
      break;
    case 'inputs':
      zeroInputs(convolution, fraction);
      break;
    case 'block':
      zeroBlocks(convolution, fraction, method);
      break;
  }
  return true;
}

/** A method from its text: channel, layer, 2:4, filters, inputs, block4x1. @throws CaffeError 'bad-value'. */
export function parseMethod(text: string): Method {
  if (text === 'channel' || text === 'layer' || text === 'filters' || text === 'inputs') return { kind: text };
  const pair = /^(\d+):(\d+)$/.exec(text);
  if (pair !== null) {
    const [n, m] = [Number(pair[1]), Number(pair[2])];
    if (n >= 1 && n < m) return { kind: 'n:m', n, m };
    throw methodError(text, 'in N:M, N is 1 to M − 1, as in 2:4');
  }
  const block = /^block(\d+)x(\d+)$/.exec(text);
  if (block !== null) {
    const [rows, columns] = [Number(block[1]), Number(block[2])];
    if (rows >= 1 && columns >= 1) return { kind: 'block', rows, columns };
  }
  throw methodError(text, 'use channel, layer, N:M (2:4), filters, inputs, or blockRxC (block4x1)');
}

function methodError(text: string, fix: string): CaffeError {
  return new CaffeError({ code: 'bad-value', field: 'method', problem: `is "${text}"`, fix });
}
