import { describe, type ErrorFacts } from './wording.ts';

/**
 * The one error family of Jacinto. It carries facts, not prose: the level that throws knows the problem and the fix,
 * and every level above adds what it knows (layer, then file and line) with `with()`. `wording.ts` composes the text.
 */
export class CaffeError extends Error {
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFacts, options?: { cause?: unknown }) {
    super(describe(facts), options);
    this.name = 'CaffeError';
    this.facts = facts;
  }

  /** The same error with facts added; facts already known stay, for the level nearest to the fault knows best. */
  with(more: Partial<ErrorFacts>): CaffeError {
    const known = Object.entries(this.facts).filter(([, value]) => value !== undefined);
    const error = new CaffeError({ ...more, ...Object.fromEntries(known) } as ErrorFacts, { cause: this.cause });
    if (this.stack !== undefined) error.stack = this.stack;
    return error;
  }
}

/** Runs `body`; a CaffeError that leaves it gets `facts` added. Other errors pass unchanged. */
export function addingFacts<T>(facts: Partial<ErrorFacts>, body: () => T): T {
  const add = (error: unknown): never => {
    throw error instanceof CaffeError ? error.with(facts) : error;
  };
  try {
    const result = body();
    return result instanceof Promise ? (result.catch(add) as T) : result;
  } catch (error) {
    return add(error);
  }
}
