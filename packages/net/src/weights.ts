import type { Tensor } from '@jacinto/core-tensor';
import { type BlobProto, blobShape, blobValues, hasLegacyShape, type NetParameter } from '@jacinto/proto';
import { addingFacts, CaffeError, type ErrorFacts } from '@jacinto/proto/errors';
import { inUsualOrder } from './batch-norm-order.ts';
import type { NetEvent } from './events.ts';
import type { Layer } from './layer.ts';
import type { NetLayer } from './net-layer.ts';
import { plural } from './plural.ts';

export interface CopyOptions {
  /** File the weights come from, named in errors. */
  file?: string;
  /**
   * Weights that do not fit are copied as far as they go (same count: in C order; other counts: not at all; BatchNorm
   * with more or fewer blobs: those that both have), each with a warning. Default false: they are an error.
   */
  ignoreShapeMismatch?: boolean;
}

interface BlobOptions {
  ignoreShapeMismatch?: boolean;
  emit: (event: NetEvent) => void;
  /** Facts for errors: layer, file. */
  place: Partial<ErrorFacts>;
}

const fixMismatch = 'rename the layer to train it anew, or set ignore_shape_mismatch: true in the solver to skip it';

/**
 * Copies weights by layer name (Caffe: CopyTrainedLayersFrom). Layers that the net lacks, and layers without weights on
 * both sides, are passed over. NaN and infinities are copied like other values.
 * @throws CaffeError naming layer, blob, both shapes and the file where weights do not fit.
 */
export function copyTrained(
  layers: readonly NetLayer[],
  weights: NetParameter,
  options: CopyOptions,
  emit: (event: NetEvent) => void,
): void {
  for (const source of weights.layer) {
    const name = source.name ?? '';
    const target = layers.find((layer) => layer.name === name);
    if (target === undefined) {
      emit({ type: 'ignoring-source-layer', layer: name });
      continue;
    }
    const blobs = source.blobs.length;
    emit({ type: 'copying-source-layer', layer: name, layerType: source.type ?? target.type, blobs });
    const place = { file: options.file, layer: name, layerType: target.type };
    copyBlobs(target.layer, source.blobs, { ignoreShapeMismatch: options.ignoreShapeMismatch, emit, place });
  }
}

/** Copies blobs into those of a layer. @throws CaffeError where they do not fit. */
export function copyBlobs(layer: Layer, blobs: readonly BlobProto[], options: BlobOptions): void {
  const isBatchNorm = layer.type === 'BatchNorm';
  const source = isBatchNorm ? inUsualOrder(blobs) : blobs;
  const count = Math.min(source.length, layer.blobs.length);
  if (source.length !== layer.blobs.length) otherCount(layer, source.length, isBatchNorm, options);
  for (let i = 0; i < count; i++) copyBlob(layer, i, source[i]!, isBatchNorm, options);
}

function otherCount(layer: Layer, given: number, isBatchNorm: boolean, options: BlobOptions): void {
  const problem = `has ${plural(given, 'blob')} there, the net's layer has ${layer.blobs.length}`;
  if (isBatchNorm && options.ignoreShapeMismatch) {
    options.emit({ type: 'warning', layer: layer.name, message: `${problem}: those that both have are copied` });
    return;
  }
  throw new CaffeError({ code: 'bad-shape', problem, fix: fixCount(layer, given, isBatchNorm), ...options.place });
}

function fixCount(layer: Layer, given: number, isBatchNorm: boolean): string {
  if (isBatchNorm) return 'scale_bias in batch_norm_param makes five blobs, without it there are three';
  if (Math.abs(given - layer.blobs.length) === 1)
    return 'bias_term adds a blob: give it the same value, or rename the layer';
  return 'use the net that the weights were made with, or rename the layer';
}

function copyBlob(layer: Layer, index: number, source: BlobProto, anyShape: boolean, options: BlobOptions): void {
  const target = layer.blobs[index]!;
  const at = { ...options.place, field: `blob ${index}` };
  const shape = addingFacts(at, () => blobShape(source));
  const sameCount = shape.reduce((count, length) => count * length, 1) === target.count;
  if (!(sameCount && anyShape) && !shapesEqual(shape, target.shape, hasLegacyShape(source))) {
    const problem = `has the shape ${text(shape)}, the net needs ${text(target.shape)}`;
    if (!options.ignoreShapeMismatch) {
      throw new CaffeError({ code: 'bad-shape', problem, fix: fixMismatch, ...at });
    }
    const done = sameCount ? 'copied in the order of its values' : 'left as it was';
    options.emit({ type: 'warning', layer: layer.name, message: `blob ${index} ${problem}: ${done}` });
    if (!sameCount) return;
  }
  writeValues(target, source, at);
}

function writeValues(target: Tensor, source: BlobProto, at: Partial<ErrorFacts>): void {
  const values = addingFacts(at, () => blobValues(source));
  if (values.length !== target.count) {
    const problem = `holds ${values.length} values, its shape needs ${target.count}`;
    throw new CaffeError({ code: 'bad-shape', problem, fix: 'the file is damaged: write it again', ...at });
  }
  target.data.hostWrite<Float32Array>().set(values);
}

/**
 * Whether a stored shape is the blob's (Caffe: Blob::ShapeEquals). Legacy shapes (num, channels, height, width) are
 * compared from the end, missing axes count 1: 1 × 1 × 1 × N fits N.
 */
export function shapesEqual(stored: readonly number[], shape: readonly number[], legacy: boolean): boolean {
  if (!legacy) return stored.length === shape.length && stored.every((length, axis) => length === shape[axis]);
  if (shape.length > stored.length) return false;
  const padded = [...Array(stored.length - shape.length).fill(1), ...shape];
  return stored.every((length, axis) => length === padded[axis]);
}

/**
 * Lets a net use the data of another's weights, by layer name (Caffe: ShareTrainedLayersWith): not copied, so that the
 * test net sees what the train net learns. @throws CaffeError where blobs differ in number or shape.
 */
export function shareTrained(
  layers: readonly NetLayer[],
  others: readonly NetLayer[],
  emit: (event: NetEvent) => void,
): void {
  for (const { name, layer: source } of others) {
    const target = layers.find((layer) => layer.name === name);
    if (target === undefined) {
      emit({ type: 'ignoring-source-layer', layer: name });
      continue;
    }
    const { blobs } = target.layer;
    const place = { layer: name, layerType: target.type };
    if (blobs.length !== source.blobs.length) {
      const problem = `has ${plural(blobs.length, 'blob')} in the one net and ${source.blobs.length} in the other`;
      throw new CaffeError({ code: 'bad-shape', problem, fix: 'give the layer the same parameters in both', ...place });
    }
    blobs.forEach((blob, i) => {
      const other = source.blobs[i]!;
      if (!blob.hasShape(other.shape)) {
        const problem = `has the shape ${text(blob.shape)} in the one net and ${text(other.shape)} in the other`;
        const fix = 'give the layer the same parameters and inputs in both';
        throw new CaffeError({ code: 'bad-shape', problem, fix, field: `blob ${i}`, ...place });
      }
      blob.shareData(other);
    });
  }
}

const text = (shape: readonly number[]): string => (shape.length === 0 ? '() (one value)' : shape.join(' × '));
