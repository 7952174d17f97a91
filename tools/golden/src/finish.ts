import { CaffeError } from '@jacinto/proto/errors';
import type { Comparison } from './compare.ts';
import { errorText, failed, missing, type Outcome, passed } from './outcome.ts';

/** The outcome of what was compared. `note`: what to say about how it passed. */
export function outcomeOf(name: string, { worst, wrong }: Comparison, note?: string): Outcome {
  if (wrong.length === 0) return { ...passed(name, worst), ...(note === undefined ? {} : { reason: note }) };
  const most = wrong
    .slice(0, 4)
    .map(({ array, error }) => (Number.isFinite(error) ? `${array} (${errorText(error)})` : array));
  const rest = wrong.length > most.length ? ` and ${wrong.length - most.length} more` : '';
  return failed(name, `wrong: ${most.join(', ')}${rest}`, worst);
}

/** Runs a case; an error of kind 'unsupported' makes it missing, any other one failed. */
export async function outcomeFrom(name: string, body: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof CaffeError) {
      return error.facts.code === 'unsupported' ? missing(name, error.message) : failed(name, error.message);
    }
    return failed(name, error instanceof Error ? `fault: ${error.stack ?? error.message}` : String(error));
  }
}
