import { createCpuBackend } from '@jacinto/core-tensor';
import { describeBackend } from '@jacinto/core-tensor/testing';
import { describe, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { assembleOneDnn, createOneDnnBackend } from './onednn-backend.ts';
import { blockedInputs } from './testing/blocked-inputs.ts';

const found = await findOneDnn();
const emptyWindow = 'oneDNN names the first value of a window of nothing but NaN or -infinity, not none';

if (found.usable) {
  const over = (threads: number) => createCpuBackend({ threads });
  describeBackend('onednn, 2 threads', async () => createOneDnnBackend({ found, over: await over(2) }));
  describeBackend('onednn, 1 thread, direct', async () =>
    createOneDnnBackend({ found, over: await over(1), convolution: 'direct' }),
  );
  describeBackend(
    'onednn, values in blocks',
    async () => blockedInputs(assembleOneDnn(found, { over: await over(2) })),
    {
      deviations: {
        'pooling max x=1x2x4x8 k=2x2 s=2x2 all NaN': emptyWindow,
        'pooling max x=1x1x4x10 k=2x2 s=2x2 all -infinity': emptyWindow,
        'pooling max x=2x3x9x11 k=3x3 s=2x2 many windows of NaN alone': emptyWindow,
        'pooling max x=1x2x3x7 k=1x1 s=1x1 windows of one value, NaN and infinity among them': emptyWindow,
      },
    },
  );
} else {
  describe('onednn backend', () => {
    it('passes the suite of every backend', (context) => context.skip(found.reason));
  });
}
