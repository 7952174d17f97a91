export { verify } from './check.ts';
export { entries } from './entries.ts';
export type { BenchContext, BenchEntry, Report, Row } from './entry.ts';
export { type MeasureOptions, measure, median, type Subject } from './measure.ts';
export { runBench } from './run-bench.ts';
export { tableText, timeText } from './table.ts';
