import { type ErrorFacts, type LayerParameter, locationOf } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { isPromise } from './later.ts';

/** Name, type, and place in the prototxt of a layer, as facts of an error. */
export function layerPlace(layer: LayerParameter): Partial<ErrorFacts> {
  const at = locationOf(layer);
  return { layer: layer.name ?? '', layerType: layer.type ?? '', file: at?.file, line: at?.line };
}

/** The error with the layer's facts added. One that names a file of its own (a database, a list) keeps that place. */
export function atLayer(layer: LayerParameter, error: unknown): unknown {
  if (!(error instanceof CaffeError)) return error;
  const { file, line, ...names } = layerPlace(layer);
  return error.with(error.facts.file === undefined ? { ...names, file, line } : names);
}

/** Runs a layer's code; a CaffeError that leaves it, at once or later, gets the layer's facts. */
export function inLayer<T>(layer: LayerParameter, body: () => T): T {
  try {
    const result = body();
    if (!isPromise(result)) return result;
    return result.then(undefined, (error: unknown) => {
      throw atLayer(layer, error);
    }) as T;
  } catch (error) {
    throw atLayer(layer, error);
  }
}

/** A fault of the graph at a layer: a field, what is wrong with it, and the fix. */
export function graphError(
  layer: LayerParameter,
  facts: Pick<ErrorFacts, 'code' | 'field' | 'problem' | 'fix'>,
): CaffeError {
  return new CaffeError({ ...layerPlace(layer), ...facts });
}
