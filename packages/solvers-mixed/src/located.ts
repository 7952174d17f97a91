import { type ErrorFacts, locationOf, type SolverParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';

/** Runs `body`; an error about a field of the solver gets the file, line and column where the field stands. */
export function locatedIn<T>(p: SolverParameter, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof CaffeError ? error.with(placeOf(p, error.facts)) : error;
  }
}

function placeOf(p: SolverParameter, { field, file }: ErrorFacts): Partial<ErrorFacts> {
  if (field === undefined || file !== undefined) return {};
  const name = field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  const place = locationOf(p, name) ?? locationOf(p);
  if (place === undefined) return {};
  return locationOf(p, name) === undefined ? { file: place.file } : { ...place };
}
