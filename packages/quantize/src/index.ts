export { codeLimits } from './bitwidth.ts';
export { type ChannelLayout, channelLayout, type TrimByChannelOptions, trimByChannel } from './channel-weights.ts';
export { type ClippedRangeOptions, clippedRange, defaultPercentile, type RangeMethod } from './clipped-range.ts';
export { type Estimate, type EstimateOptions, estimate, estimateGuarded, isUsable } from './estimate.ts';
export { type QuantizedBlob, type QuantizeEvent, quantizeEventSource, quantizeEventText } from './events.ts';
export {
  type CompareOptions,
  compareWithIntegers,
  type IntegerComparison,
} from './integer/compare.ts';
export { IntegerNet, type IntegerNetOptions } from './integer/integer-net.ts';
export type { IntegerReport } from './integer/layer-values.ts';
export { IntegerCounter, type IntegerTotal, type IntegerTotals } from './integer/totals.ts';
export { hasQuantizableOutput, hasWeights, isMerged, quantizesItself } from './layer-types.ts';
export { type Neighbours, neighboursOf } from './neighbours.ts';
export { type OutputModelPaths, outputModelPaths, outputModelText } from './output-model.ts';
export type { QuantizableLayer, QuantizableNet } from './quantizable-net.ts';
export { Quantizer, type QuantizerOptions } from './quantizer.ts';
export { averageRange, rangeOf, type SeenRange, type ValueRange } from './range.ts';
export { loadCaffeRunner } from './report/caffe-runner.ts';
export { type DrawnBlob, drawLayers } from './report/draw.ts';
export { type FeedOptions, feedNet } from './report/feed.ts';
export { type LayerReport, type Measured, type MeasureOptions, measure } from './report/measure.ts';
export type { Score } from './report/outputs.ts';
export { type QuantizeWeightsOptions, quantizeWeights, type WeightReport } from './report/quantize-weights.ts';
export type { RunnableNet, Runner } from './report/runner.ts';
export { addSignalNoise, decibels, type SignalNoise } from './report/signal-noise.ts';
export { type SweepRow, sweep, sweepOptions } from './report/sweep.ts';
export { layerTable, scoreTable, sweepTable, weightTable } from './report/table.ts';
export type { QuantizerState } from './saved-state.ts';
export { checkSettings, type QuantizationFields, type Settings, settingsOf } from './settings.ts';
export { type Rounding, roundHalfAway, roundHalfEven, type TrimOptions, trim } from './trim.ts';
