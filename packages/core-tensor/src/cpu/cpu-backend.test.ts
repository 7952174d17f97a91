import { describeBackend } from '../testing/describe-backend.ts';
import { createCpuBackend } from './cpu-backend.ts';

for (const threads of [1, 2]) {
  for (const relaxedSimd of ['auto', false] as const) {
    const name = `cpu, ${threads} thread${threads === 1 ? '' : 's'}, ${relaxedSimd ? 'relaxed' : 'plain'} SIMD`;
    describeBackend(name, () => createCpuBackend({ threads, relaxedSimd }));
  }
}
