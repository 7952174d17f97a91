import { type BlobProto, blobValues, CaffeError, inNvOrder, type LayerParameter } from '@jacinto/proto';
import { blobLike, checkedValues, copyOfValues } from './blobs.ts';

/** One affine step by channel: y = (x − mean)·k + beta. Doubles; each array has one value a channel. */
export interface Step {
  mean: Float64Array;
  k: Float64Array;
  beta: Float64Array;
}

/** Layers of a run (BatchNorm and Scale) with their blobs, in order. */
export interface RunLayer {
  layer: LayerParameter;
  blobs: readonly BlobProto[];
}

/** Whether a BatchNorm's three blobs are BVLC's sums, to be divided by the third. */
export function isSums(blobs: readonly BlobProto[]): boolean {
  return blobs.length === 3 && factorOf(blobs) !== 1;
}

const factorOf = (blobs: readonly BlobProto[]): number => blobValues(blobs[2]!)[0] ?? 1;

/**
 * eps as it works at run time: caffe-jacinto's and NVCaffe's layers never use less than 1e-5 (cuDNN's least), BVLC's
 * use it as it is. Under compat: as written.
 */
export function epsOf(layer: LayerParameter, sums: boolean, compat: boolean): number {
  const eps = Math.fround(layer.batchNormParam?.eps ?? 1e-5);
  return compat || sums ? eps : Math.max(eps, Math.fround(1e-5));
}

/** The steps that a run of BatchNorm and Scale layers makes on `channels` channels. @throws CaffeError naming the layer. */
export function stepsOf(run: readonly RunLayer[], channels: number, compat: boolean): Step[] {
  const steps: Step[] = [];
  let open: Step | undefined; // a BatchNorm without γ and β of its own: a Scale right behind it gives them
  for (const { layer, blobs } of run) {
    try {
      if (layer.type === 'BatchNorm') {
        const { step, scales } = batchNormStep(layer, blobs, channels, compat);
        steps.push(step);
        open = scales ? undefined : step;
      } else if (compat && open === undefined) {
        // caffe-jacinto 0.17 loses the Scale here
      } else {
        const { gamma, beta } = scaleOf(layer, blobs, channels, compat);
        if (open !== undefined) {
          open.k = open.k.map((k, c) => k * gamma[c]!);
          open.beta = beta;
        } else steps.push({ mean: new Float64Array(channels), k: gamma, beta });
        open = undefined;
      }
    } catch (error) {
      throw error instanceof CaffeError ? error.with({ layer: layer.name, layerType: layer.type }) : error;
    }
  }
  return steps;
}

function batchNormStep(
  layer: LayerParameter,
  stored: readonly BlobProto[],
  channels: number,
  compat: boolean,
): { step: Step; scales: boolean } {
  const blobs = inNvOrder(stored);
  if (blobs.length !== 3 && blobs.length !== 5) {
    throw new CaffeError({
      code: 'bad-shape',
      problem: `has ${blobs.length} blobs in the weights; a BatchNorm has 3 (mean, variance, factor) or 5 (with scale and bias)`,
      fix: 'use the weights that were made with this net',
    });
  }
  const values = (index: number) => checkedValues(blobs[index], index, channels, { finite: !compat });
  const sums = !compat && isSums(blobs);
  const factor = sums ? factorOf(blobs) : 1;
  const by = factor === 0 ? 0 : 1 / factor;
  const eps = epsOf(layer, sums, compat);
  const scales = blobs.length === 5;
  const gamma = scales ? values(3) : undefined;
  const variance = values(1);
  const k = Float64Array.from(variance, (v, c) => (v * by + eps) ** -0.5 * (gamma?.[c] ?? 1));
  const bad = compat ? -1 : k.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new CaffeError({
      code: 'bad-data',
      field: 'blob 1',
      problem: `holds the variance ${variance[bad]! * by} at channel ${bad}: with eps ${eps} it has no inverse root`,
      fix: 'use weights that are not damaged, or a larger eps',
    });
  }
  return {
    step: {
      mean: Float64Array.from(values(0), (m) => m * by),
      k,
      beta: scales ? Float64Array.from(values(4)) : new Float64Array(channels),
    },
    scales,
  };
}

function scaleOf(
  layer: LayerParameter,
  blobs: readonly BlobProto[],
  channels: number,
  compat: boolean,
): { gamma: Float64Array; beta: Float64Array } {
  const isScalar = layer.scaleParam?.numAxes === 0;
  const read = (index: number): Float64Array => {
    const values = checkedValues(blobs[index], index, isScalar ? 1 : channels, { finite: !compat });
    return isScalar ? new Float64Array(channels).fill(values[0]!) : Float64Array.from(values);
  };
  const hasBias = layer.scaleParam?.biasTerm ?? false;
  return { gamma: read(0), beta: hasBias || blobs.length > 1 ? read(1) : new Float64Array(channels) };
}

/** The blobs with which a layer of a run changes nothing. */
export function identityBlobs({ layer, blobs: stored }: RunLayer, compat: boolean): BlobProto[] {
  if (layer.type === 'Scale') return stored.map((blob, index) => blobFilled(blob, index === 0 ? 1 : 0));
  const blobs = inNvOrder(stored);
  // The factor becomes 1, so that every Caffe takes the statistics as they are; then eps counts as in NVCaffe.
  const sums = !compat && isSums(blobs);
  const constants = [0, 1 - epsOf(layer, false, compat), sums ? 1 : undefined, 1, 0];
  return blobs.map((blob, index) => (constants[index] === undefined ? blob : blobFilled(blob, constants[index])));
}

function blobFilled(blob: BlobProto, value: number): BlobProto {
  return blobLike(blob, copyOfValues(blob).fill(value));
}
