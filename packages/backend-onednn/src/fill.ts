import type { FillOperation, Operations } from '@jacinto/core-tensor';
import type { Places } from './places.ts';

/**
 * Zeros are not written, but remembered until somebody reads them: a training step clears the gradients of parameters,
 * and what is then added to them first is written instead.
 */
export function fillWith(places: Places, below: Operations): Operations['fill'] {
  return (spec) => {
    const handed = below.fill(spec);
    return {
      run(value, y) {
        if (Object.is(value, 0) && y.count === spec.count && y.count > 0) places.clear(y);
        else handed.run(value, y);
      },
    } satisfies FillOperation;
  };
}
