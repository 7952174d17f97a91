import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

interface CaseArray {
  shape: number[];
  data?: number[];
  diff?: number[];
}

/** A layer case in words: arrays in place of offsets. */
export interface WrittenCase {
  net: string;
  phase: 'TRAIN' | 'TEST';
  params?: (CaseArray & { layer: string; index: number })[];
  inputs: (CaseArray & { blob: string })[];
  loss?: number;
  outputDiffs?: (CaseArray & { blob: string })[];
  blobsAfter: (CaseArray & { blob: string })[];
  paramsAfter?: (CaseArray & { layer: string; index: number })[];
}

/** Writes PATH.prototxt, PATH.json and PATH.bin. */
export function writeLayerCase(path: string, written: WrittenCase): void {
  const values: number[] = [];
  const stored = <T extends CaseArray>(arrays: T[] = []) =>
    arrays.map(({ data, diff, ...rest }) => ({ ...rest, ...place('data', data), ...place('diff', diff) }));
  const place = (key: string, array: number[] | undefined) => {
    if (array === undefined) return {};
    values.push(...array);
    return { [key]: values.length - array.length };
  };
  mkdirSync(dirname(path), { recursive: true });
  const { net, phase, params, inputs, loss, outputDiffs, blobsAfter, paramsAfter } = written;
  const json = {
    phase,
    params_before: stored(params),
    inputs: stored(inputs),
    loss: loss ?? 0,
    output_diffs: stored(outputDiffs),
    blobs_after: stored(blobsAfter),
    params_after: stored(paramsAfter),
  };
  writeFileSync(`${path}.prototxt`, net);
  writeFileSync(`${path}.json`, JSON.stringify(json));
  writeFloats(`${path}.bin`, values);
}

export function writeFloats(path: string, values: readonly number[]): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, new Uint8Array(Float32Array.from(values).buffer));
}

/** An inner product y = w·x (w 2×3, no bias) with its gradients, worked out by hand. */
export function innerProductCase(): WrittenCase {
  const x = [1, 2, 3];
  const w = [1, 0, -1, 2, 1, 0];
  const dy = [1, 10];
  return {
    net: `layer { name: "x" type: "Input" top: "x" input_param { shape { dim: 1 dim: 3 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: 2 bias_term: false } }`,
    phase: 'TRAIN',
    params: [{ layer: 'ip', index: 0, shape: [2, 3], data: w }],
    inputs: [{ blob: 'x', shape: [1, 3], data: x }],
    outputDiffs: [{ blob: 'y', shape: [1, 2], diff: dy }],
    blobsAfter: [
      { blob: 'x', shape: [1, 3], data: x, diff: [21, 10, -1] },
      { blob: 'y', shape: [1, 2], data: [-2, 4], diff: dy },
    ],
    paramsAfter: [{ layer: 'ip', index: 0, shape: [2, 3], data: w, diff: [1, 2, 3, 10, 20, 30] }],
  };
}
