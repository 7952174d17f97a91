import { describeBackend } from '../testing/describe-backend.ts';
import { createCpuBackend } from './cpu-backend.ts';

// Every fast path switched both ways: threads, and fused multiply-add where the engine has it.
describeBackend('cpu, 1 thread', () => createCpuBackend({ threads: 1 }));
describeBackend('cpu, 2 threads', () => createCpuBackend({ threads: 2 }));
describeBackend('cpu, 2 threads, plain SIMD', () => createCpuBackend({ threads: 2, relaxedSimd: false }));
