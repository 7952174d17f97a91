import { CaffeError } from '@jacinto/proto/errors';
import type { Backend } from '../backend.ts';
import { createReferenceBackend } from '../reference/reference-backend.ts';
import { describeBackend } from './describe-backend.ts';

/** Lacks lrn, and fills one value too few where there are nine. */
function faultyBackend(): Backend {
  const reference = createReferenceBackend();
  return {
    ...reference,
    lrn() {
      throw new CaffeError({ code: 'unsupported', problem: 'the backend "faulty" has no lrn' });
    },
    fill: ({ count }) => reference.fill({ count: count === 9 ? 8 : count }),
  };
}

// Both options at work: what is lacking must be refused, and what deviates must fail.
describeBackend('faulty', faultyBackend, {
  only: ['fill', 'lrn'],
  lacks: { lrn: 'shows the option' },
  deviations: { 'fill value=1.5 n=9': 'shows the option' },
});
