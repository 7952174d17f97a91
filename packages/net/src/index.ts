export { checkArity } from './arity.ts';
export { type BackwardFacts, type BackwardNeed, backwardNeed } from './backward-need.ts';
export { connect, type Graph } from './connect.ts';
export { resolvePath } from './context.ts';
export { eventText, type NetEvent } from './events.ts';
export type { FillerType, FillFunction } from './fillers/filler.ts';
export { createFiller, type Filler, fill, fillerTypes } from './fillers/fillers.ts';
export { filterNet, isIncluded, whyNot } from './filter.ts';
export type { Fusion } from './fusion.ts';
export { insertSplits } from './insert-splits.ts';
export {
  type Addition,
  type Arity,
  type Fused,
  Layer,
  type LayerClass,
  type LayerContext,
  type LayerState,
  type Rectifier,
} from './layer.ts';
export type { NetMemory } from './memory.ts';
export { type LayerWork, multiplyAccumulates, type WorkingLayer } from './multiply-accumulates.ts';
export { Net, type NetBlob, type Range, type SavedNetState } from './net.ts';
export type { NetLayer } from './net-layer.ts';
export type { NetOptions } from './net-options.ts';
export type { NetParam } from './params.ts';
export type { NetPlan, PlannedTop, PlanStep } from './plan.ts';
export type { NetPlugin } from './plugin.ts';
export { LayerRegistry } from './registry.ts';
export type { ToProtoOptions } from './to-proto.ts';
export { type CopyOptions, shapesEqual } from './weights.ts';
