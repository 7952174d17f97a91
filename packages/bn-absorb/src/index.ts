export { type Absorbed, absorbBatchNorm } from './absorb.ts';
export { compareOutputs, type Difference, differenceText } from './compare.ts';
export type { AbsorbOptions, AbsorbReport, Kept, Merge } from './options.ts';
export { reportText } from './report-text.ts';
export { type NetOutputs, outputsFor, type RunningNet } from './run-net.ts';
