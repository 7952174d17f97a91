import { CaffeError } from '@jacinto/proto';

/** @throws CaffeError 'unsupported' where a gradient is asked for bottom `index`, which holds `what`. */
export function refuseGradient(propagateDown: readonly boolean[], index: number, what: string): void {
  if (!propagateDown[index]) return;
  throw new CaffeError({
    code: 'unsupported',
    problem: `has no gradient for its ${what} (bottom[${index}])`,
    fix: 'set propagate_down: false for them',
  });
}
