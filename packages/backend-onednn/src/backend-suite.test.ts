import { createCpuBackend } from '@jacinto/core-tensor';
import { describeBackend } from '@jacinto/core-tensor/testing';
import { describe, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { createOneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();

if (found.usable) {
  const create = async (threads: number) => createOneDnnBackend({ found, over: await createCpuBackend({ threads }) });
  describeBackend('onednn, 1 thread', () => create(1));
  describeBackend('onednn, 2 threads', () => create(2));
} else {
  describe('onednn backend', () => {
    it('passes the suite of every backend', (context) => context.skip(found.reason));
  });
}
