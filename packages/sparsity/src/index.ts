export {
  type ConvolutionWeights,
  channelsOf,
  countZeros,
  type Fractions,
  fractionFor,
  fractionsOf,
} from './convolution.ts';
export { type LogLine, type SparsityEvent, sparsityLog, tableLog } from './events.ts';
export { type MadeSparse, type MakeSparseOptions, makeSparse, makeSparseBy } from './make-sparse.ts';
export { applyMask, type Mask, maskFromText, maskOf, maskText } from './mask.ts';
export { type Method, parseMethod, sparsify } from './methods.ts';
export { convolutionsOf, withConvolutions } from './model.ts';
export { sparsityPicture } from './picture.ts';
export { type SparsityOptions, SparsityPlugin, type SparsityState, sparsityPlugin } from './plugin.ts';
export {
  type CubicParameter,
  cubicSchedule,
  type InduceEvent,
  type InduceParameter,
  induceParameter,
  induceSchedule,
  type Schedule,
  type ScheduleFacts,
  type ScheduleState,
} from './schedule.ts';
export { type SparsityTable, sparsityTable, type TableRow, tableLines } from './table.ts';
export { type Caps, channelThreshold, layerThreshold, zeroUpTo } from './threshold.ts';
export type { TrainedLayer, TrainedNet, TrainedSolver } from './trained.ts';
