import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import type { LayerClass } from '../layer.ts';
import { checkLayerGradient } from './check-gradient.ts';
import type { LayerCase } from './layer-case.ts';
import { type LayerResult, type RunOptions, runLayer } from './run-layer.ts';

const defaultBound = 1e-5;

/**
 * All that a case of the table asks for: shapes of the tops; on a backend other than the reference one the same results
 * as there; in place the same results as not in place; gradients as finite differences give them.
 * @throws Error naming what differs, where and by how much.
 */
export async function checkLayer(
  layerClass: LayerClass,
  layerCase: LayerCase,
  options: RunOptions = {},
): Promise<LayerResult> {
  const result = await runLayer(layerClass, layerCase, options);
  layerCase.topShapes?.forEach((shape, i) => {
    const own = result.tops[i]?.shape.join(',');
    if (own !== shape.join(',')) throw new Error(`${layerClass.type}: top ${i} has shape [${own}], not [${shape}]`);
  });
  const bound = layerCase.bound ?? defaultBound;
  if (options.backend !== undefined && options.backend.name !== 'reference') {
    const reference = await runLayer(layerClass, layerCase, { ...options, backend: createReferenceBackend() });
    compareResults(`${layerClass.type} on ${options.backend.name}`, result, reference, bound);
  }
  if (layerCase.inPlace) {
    const inPlace = await runLayer(layerClass, layerCase, { ...options, inPlace: true });
    compareResults(`${layerClass.type} in place`, inPlace, result, bound);
  }
  await checkLayerGradient(layerClass, layerCase, options);
  return result;
}

/** @throws Error where two results differ by more than `bound` relative to the largest value of an array. */
export function compareResults(what: string, mine: LayerResult, other: LayerResult, bound: 'exact' | number): void {
  mine.tops.forEach((top, i) => {
    compareArrays(`${what}: top ${i}`, top.data, other.tops[i]!.data, bound);
  });
  mine.bottomDiffs.forEach((diff, i) => {
    if (diff !== undefined) compareArrays(`${what}: gradient of bottom ${i}`, diff, other.bottomDiffs[i]!, bound);
  });
  mine.blobDiffs.forEach((diff, i) => {
    compareArrays(`${what}: gradient of blob ${i}`, diff, other.blobDiffs[i]!, bound);
  });
}

/** @throws Error at the value that differs most, where it differs by more than `bound` times the largest |expected|. */
export function compareArrays(
  what: string,
  mine: ArrayLike<number>,
  expected: ArrayLike<number>,
  bound: 'exact' | number,
): void {
  if (mine.length !== expected.length) {
    throw new Error(`${what} has ${mine.length} values, expected ${expected.length}`);
  }
  let largest = 0;
  for (let i = 0; i < expected.length; i++)
    if (Number.isFinite(expected[i])) largest = Math.max(largest, Math.abs(expected[i]!));
  const allowed = bound === 'exact' ? 0 : bound * largest;
  let worst = -1;
  let worstError = allowed;
  for (let i = 0; i < mine.length; i++) {
    if (Object.is(mine[i], expected[i])) continue;
    const error = Math.abs(mine[i]! - expected[i]!);
    if (error > worstError || Number.isNaN(error))
      [worst, worstError] = [i, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error];
  }
  if (worst < 0) return;
  throw new Error(
    `${what}[${worst}] is ${mine[worst]}, expected ${expected[worst]} (largest value ${largest}, bound ${bound})`,
  );
}
