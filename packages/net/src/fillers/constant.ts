import type { FillerType } from './filler.ts';

/** All values are `value` (default 0). */
export const constant: FillerType = {
  type: 'constant',
  fill: (values, _shape, { value }) => values.fill(value),
};
