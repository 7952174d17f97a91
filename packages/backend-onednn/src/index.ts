export type { OneDnnCounters } from './context.ts';
export { type FoundOneDnn, findOneDnn, type UsableOneDnn } from './find-library.ts';
export { createOneDnnBackend, type OneDnnBackend, type OneDnnBackendOptions } from './onednn-backend.ts';
