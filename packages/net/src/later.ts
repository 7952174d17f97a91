/** Whether a value is a promise (or behaves as one). */
export function isPromise(value: unknown): value is Promise<unknown> {
  return value !== undefined && value !== null && typeof (value as { then?: unknown }).then === 'function';
}

/** Goes on with a value at once, or with a promise's value once it is there: work that is synchronous stays so. */
export function andThen<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return isPromise(value) ? (value as Promise<T>).then(next) : next(value as T);
}

/** Runs the steps one after the other; waits only for those that return a promise. */
export function inOrder(count: number, step: (i: number) => unknown, begin = 0): void | Promise<void> {
  for (let i = begin; i < count; i++) {
    const pending = step(i);
    if (isPromise(pending)) return pending.then(() => inOrder(count, step, i + 1));
  }
}
