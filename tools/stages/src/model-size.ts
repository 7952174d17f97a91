import { type BlobProto, blobValues, type NetParameter } from '@jacinto/proto';

/** Bytes of a net's values as a device could hold them. */
export interface ModelSize {
  /** Weights in a byte each; biases and batch norms in four. */
  eightBits: number;
  /** The same without the weights that are 0, where that is less: a bit for every weight tells which are left. */
  withoutZeros: number;
}

const weighted = new Set(['Convolution', 'Deconvolution', 'InnerProduct']);

export function modelSize({ layer }: Pick<NetParameter, 'layer'>): ModelSize {
  const size: ModelSize = { eightBits: 0, withoutZeros: 0 };
  for (const { type, blobs } of layer) {
    const [weights, ...others] = weighted.has(type ?? '') ? blobs : [undefined, ...blobs];
    const rest = 4 * others.reduce((sum, blob) => sum + countOf(blob), 0);
    const { count, nonzero } = weights === undefined ? { count: 0, nonzero: 0 } : countsOf(weights);
    size.eightBits += count + rest;
    size.withoutZeros += Math.min(count, nonzero + Math.ceil(count / 8)) + rest;
  }
  return size;
}

function countsOf(blob: BlobProto): { count: number; nonzero: number } {
  const values = blobValues(blob);
  let nonzero = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) nonzero++;
  return { count: values.length, nonzero };
}

const countOf = (blob: BlobProto | undefined): number => (blob === undefined ? 0 : blobValues(blob).length);
