export { type Absorbed, absorbBatchNorm } from './absorb.ts';
export type { AbsorbOptions, AbsorbReport, Kept, Merge } from './options.ts';
export { reportText } from './report-text.ts';
