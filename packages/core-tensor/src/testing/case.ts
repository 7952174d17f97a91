import type { Backend, OperationName, TensorSpec } from '../backend.ts';
import type { RandomStream } from '../random.ts';
import { countOf } from '../tensor.ts';
import type { Values } from '../values.ts';
import type { GradientCheck } from './check-gradient.ts';
import type { Bound } from './compare.ts';

export type CaseValues = Readonly<Record<string, Values>>;
type Fill = (random: RandomStream, count: number) => ArrayLike<number>;

/** An array of a case. Outputs start as NaN, so that a value left unwritten, or read first, shows. */
export interface CaseArray {
  count: number;
  /** What it holds before the run; absent: output only. */
  fill?: Fill;
  /** How near to the reference it must come; absent: it must not change. */
  bound?: Bound;
}

/** One use of an operation: read by the backend suite, by the gradient check, and by benchmarks. */
export interface OperationCase {
  /** Unique in its table; letters, digits, spaces and = , - only, so that `-t` takes it as it is. */
  name: string;
  arrays: Readonly<Record<string, CaseArray>>;
  prepare(backend: Backend): { forward(v: CaseValues): void; backward?(v: CaseValues): void };
  /** Arrays whose gradient (the array "d" + name) is checked numerically through "y", in f64 on the reference. */
  gradientOf?: readonly string[];
  /** How; step is 1e-4 and threshold 1e-5 unless said otherwise. */
  gradient?: Pick<GradientCheck, 'step' | 'threshold' | 'kink' | 'kinkRange' | 'objectives'>;
  /** Bytes that must cross memory, and multiplications and additions, for figures of benchmarks. */
  work?: { forward: Work; backward?: Work };
}

export interface Work {
  bytes: number;
  flops?: number;
}

export interface CaseTable {
  operation: OperationName;
  cases: readonly OperationCase[];
  /** Large shapes for benchmarks; the suite does not run them. */
  bench?: readonly OperationCase[];
}

type Size = number | readonly number[];
const sizeOf = (size: Size): number => (typeof size === 'number' ? size : countOf(size));

/** Normally distributed values. */
const gaussian: Fill = (random, count) => Float64Array.from({ length: count }, () => random.gaussian());

/** Values of distinct size in random order, `gap` apart: no ties, and no winner changes within a gradient's step. */
export const distinct =
  (gap = 0.05, offset = gap / 4): Fill =>
  (random, count) => {
    const values = Array.from({ length: count }, (_, i) => (i - count / 2) * gap + offset);
    random.shuffle(values);
    return values;
  };

export const uniform =
  (low: number, high: number): Fill =>
  (random, count) =>
    Float64Array.from({ length: count }, () => random.uniform(low, high));

/** Whole numbers 0 … n−1. */
export const integers =
  (n: number, first = 0): Fill =>
  (random, count) =>
    Float64Array.from({ length: count }, () => first + random.integer(n));

/** The values given, repeated as often as needed. */
export const given =
  (...values: readonly number[]): Fill =>
  (_random, count) =>
    Float64Array.from({ length: count }, (_, i) => values[i % values.length]!);

/** An array that is read only; normally distributed unless `fill` says otherwise. */
export const input = (size: Size, fill: Fill = gaussian): CaseArray => ({ count: sizeOf(size), fill });

/** An array that is overwritten entirely. */
export const output = (size: Size, bound: Bound): CaseArray => ({ count: sizeOf(size), bound });

/** An array that is read and changed (accumulated into, or worked on in place). */
export const updated = (size: Size, bound: Bound, fill: Fill = gaussian): CaseArray => ({
  count: sizeOf(size),
  fill,
  bound,
});

export const f32 = (shape: readonly number[]): TensorSpec => ({ shape, dataType: 'f32' });

/** Counts that hit every SIMD tail, and both sides of usual block sizes. */
export const tailCounts: readonly number[] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 31, 33, 63, 65, 129, 1023, 1025,
];
