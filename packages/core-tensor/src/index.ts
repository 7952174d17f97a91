export type { Backend, OperationName, Operations, TensorSpec } from './backend.ts';
export { type CpuBackend, type CpuBackendOptions, createCpuBackend } from './cpu/cpu-backend.ts';
export { bytesPerValue, type DataType, type HostArray, viewOf } from './data-type.ts';
export { type HostBlock, type HostMemory, plainHostMemory } from './host-memory.ts';
export { checked } from './operations/check-spec.ts';
export * from './operations/index.ts';
export { dropoutThreshold, philox, type RandomState, RandomStream, randomAt } from './random.ts';
export { countOf, Tensor } from './tensor.ts';
export { Values } from './values.ts';
