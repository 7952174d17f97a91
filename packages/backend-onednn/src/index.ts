export type { OneDnnCounters } from './context.ts';
export { type FoundOneDnn, findOneDnn, type UsableOneDnn } from './find-library.ts';
export type { LowConvolutionSpec, LowInput, LowMatmulSpec, LowOperation, LowPrecision } from './low-precision.ts';
export { createOneDnnBackend, type OneDnnBackend, type OneDnnBackendOptions } from './onednn-backend.ts';
