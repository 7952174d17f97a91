import type { ConvolutionOperation, ConvolutionSpec } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import { read, relu, update, write } from './floats.ts';

/** Pairs (offset in the input's plane, offset in the kernel) that meet at one output position; padding has none. */
type Taps = readonly (readonly [input: number, kernel: number])[];

/** The taps of every output position, for any number of spatial axes. */
function tapsOf(spec: ConvolutionSpec): Taps[] {
  const input = spec.x.shape.slice(2);
  const kernel = spec.w.shape.slice(2);
  return positions(spec.y.shape.slice(2)).map((out) => {
    const taps: [number, number][] = [];
    positions(kernel).forEach((k, kernelOffset) => {
      const at = out.map((e, axis) => e * spec.stride[axis]! - spec.pad[axis]! + k[axis]! * spec.dilation[axis]!);
      if (at.some((value, axis) => value < 0 || value >= input[axis]!)) return;
      taps.push([at.reduce((offset, value, axis) => offset * input[axis]! + value, 0), kernelOffset]);
    });
    return taps;
  });
}

/** All index tuples of a shape, last axis fastest. */
function positions(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (tuples, length) => tuples.flatMap((tuple) => Array.from({ length }, (_, i) => [...tuple, i])),
    [[]],
  );
}

export function convolution(spec: ConvolutionSpec): ConvolutionOperation {
  const [batch, channels] = [spec.x.shape[0]!, spec.x.shape[1]!];
  const outputs = spec.w.shape[0]!;
  const groupChannels = channels / spec.group;
  const groupOutputs = outputs / spec.group;
  const taps = tapsOf(spec);
  const xPlane = countOf(spec.x.shape.slice(2));
  const wPlane = countOf(spec.w.shape.slice(2));
  const yPlane = taps.length;

  /** Calls `visit` for every product of the convolution: y[at.y] += x[at.x]·w[at.w]. */
  function forEachProduct(visit: (xAt: number, wAt: number, yAt: number) => void): void {
    for (let n = 0; n < batch; n++) {
      for (let o = 0; o < outputs; o++) {
        const firstChannel = Math.floor(o / groupOutputs) * groupChannels;
        for (let e = 0; e < yPlane; e++) {
          const yAt = (n * outputs + o) * yPlane + e;
          for (let c = 0; c < groupChannels; c++) {
            const xBase = (n * channels + firstChannel + c) * xPlane;
            const wBase = (o * groupChannels + c) * wPlane;
            for (const [input, kernel] of taps[e]!) visit(xBase + input, wBase + kernel, yAt);
          }
        }
      }
    }
  }

  return {
    forward(xValues, wValues, bValues, yValues) {
      const [x, w] = [read(xValues), read(wValues)];
      const bias = spec.bias && bValues !== undefined ? read(bValues) : undefined;
      const sums = new Float64Array(batch * outputs * yPlane);
      forEachProduct((xAt, wAt, yAt) => {
        sums[yAt]! += x[xAt]! * w[wAt]!;
      });
      const y = write(yValues);
      for (let i = 0; i < sums.length; i++) {
        const value = sums[i]! + (bias === undefined ? 0 : bias[Math.floor(i / yPlane) % outputs]!);
        y[i] = spec.relu === undefined ? value : relu(value, spec.relu.slope);
      }
    },
    backwardData(dyValues, wValues, dxValues) {
      const [dy, w] = [read(dyValues), read(wValues)];
      const sums = new Float64Array(batch * channels * xPlane);
      forEachProduct((xAt, wAt, yAt) => {
        sums[xAt]! += dy[yAt]! * w[wAt]!;
      });
      write(dxValues).set(sums);
    },
    backwardWeights(xValues, dyValues, dwValues, dbValues, { accumulate }) {
      const [x, dy] = [read(xValues), read(dyValues)];
      if (dwValues !== undefined) {
        const sums = new Float64Array(outputs * groupChannels * wPlane);
        forEachProduct((xAt, wAt, yAt) => {
          sums[wAt]! += x[xAt]! * dy[yAt]!;
        });
        const dw = accumulate ? update(dwValues) : write(dwValues);
        sums.forEach((sum, i) => {
          dw[i] = sum + (accumulate ? dw[i]! : 0);
        });
      }
      if (dbValues !== undefined) {
        const sums = new Float64Array(outputs);
        for (let i = 0; i < batch * outputs * yPlane; i++) sums[Math.floor(i / yPlane) % outputs]! += dy[i]!;
        const db = accumulate ? update(dbValues) : write(dbValues);
        sums.forEach((sum, o) => {
          db[o] = sum + (accumulate ? db[o]! : 0);
        });
      }
    },
  };
}
