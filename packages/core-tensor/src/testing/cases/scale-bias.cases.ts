import type { ScaleBiasSpec } from '../../operations/index.ts';
import { type CaseTable, input, type OperationCase, output, updated } from '../case.ts';

const bound = 3e-6;

function scaleBiasCase(spec: ScaleBiasSpec, options: { gradient?: boolean; accumulate?: boolean } = {}): OperationCase {
  const { outer, channels, inner, scale, bias } = spec;
  const { gradient = false, accumulate = false } = options;
  const count = outer * channels * inner;
  const perChannel = accumulate ? updated : output;
  const used = `${scale ? ' scale' : ''}${bias ? ' bias' : ''}${accumulate ? ' accumulate' : ''}`;
  return {
    name: `${outer}x${channels}x${inner}${used}`,
    arrays: {
      x: input(count),
      ...(scale ? { scale: input(channels), dscale: perChannel(channels, bound) } : {}),
      ...(bias ? { bias: input(channels), dbias: perChannel(channels, bound) } : {}),
      y: output(count, bound),
      dy: input(count),
      dx: output(count, bound),
    },
    prepare(backend) {
      const operation = backend.scaleBias(spec);
      return {
        forward: (v) => operation.forward({ x: v['x']!, y: v['y']!, scale: v['scale'], bias: v['bias'] }),
        backward: (v) =>
          operation.backward(
            {
              x: scale ? v['x'] : undefined,
              dy: v['dy']!,
              scale: v['scale'],
              dx: v['dx'],
              dScale: v['dscale'],
              dBias: v['dbias'],
            },
            { accumulate },
          ),
      };
    },
    ...(gradient ? { gradientOf: ['x', ...(scale ? ['scale'] : []), ...(bias ? ['bias'] : [])] } : {}),
    work: { forward: { bytes: 8 * count }, backward: { bytes: 12 * count } },
  };
}

function inPlaceCase(spec: ScaleBiasSpec): OperationCase {
  const { outer, channels, inner } = spec;
  const count = outer * channels * inner;
  return {
    name: `${outer}x${channels}x${inner} in place`,
    arrays: {
      x: updated(count, bound),
      stash: output(count, 'exact'),
      scale: input(channels),
      bias: input(channels),
      dy: updated(count, bound),
      dScale: updated(channels, bound),
      dBias: updated(channels, bound),
    },
    prepare(backend) {
      const operation = backend.scaleBias(spec);
      return {
        forward: (v) =>
          operation.forward({ x: v['x']!, y: v['x']!, scale: v['scale'], bias: v['bias'], stash: v['stash'] }),
        backward: (v) =>
          operation.backward(
            {
              x: v['stash'],
              dy: v['dy']!,
              scale: v['scale'],
              dx: v['dy'],
              dScale: v['dScale'],
              dBias: v['dBias'],
            },
            { accumulate: true },
          ),
      };
    },
  };
}

const both = { scale: true, bias: true };
const lengths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 33];

export const scaleBiasCases: CaseTable = {
  operation: 'scaleBias',
  cases: [
    ...lengths.map((inner) => scaleBiasCase({ outer: 2, channels: 3, inner, ...both })),
    ...lengths.map((channels) => scaleBiasCase({ outer: 3, channels, inner: 1, ...both })),
    scaleBiasCase({ outer: 3, channels: 2, inner: 5, ...both }, { gradient: true }),
    scaleBiasCase({ outer: 4, channels: 5, inner: 1, scale: true, bias: false }, { gradient: true }),
    scaleBiasCase({ outer: 2, channels: 3, inner: 7, scale: false, bias: true }, { gradient: true }),
    scaleBiasCase({ outer: 1, channels: 1, inner: 130, ...both }, { accumulate: true }),
    scaleBiasCase({ outer: 3, channels: 130, inner: 1, ...both }, { accumulate: true }),
    scaleBiasCase({ outer: 0, channels: 3, inner: 4, ...both }),
    scaleBiasCase({ outer: 4, channels: 16, inner: 100, ...both }),
    inPlaceCase({ outer: 3, channels: 4, inner: 6, ...both }),
    inPlaceCase({ outer: 5, channels: 9, inner: 1, ...both }),
  ],
  bench: [scaleBiasCase({ outer: 64, channels: 32, inner: 1024, ...both })],
};
