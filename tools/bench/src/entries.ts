import { conv } from './entries/conv.ts';
import { data } from './entries/data.ts';
import { gemm } from './entries/gemm.ts';
import { infer } from './entries/infer.ts';
import { int8 } from './entries/int8.ts';
import { memory } from './entries/memory.ts';
import { protoLoad } from './entries/proto-load.ts';
import { sparse } from './entries/sparse.ts';
import { start } from './entries/start.ts';
import { trainStep } from './entries/train-step.ts';
import type { BenchEntry } from './entry.ts';

/** All entries, in the order in which they run. */
export const entries: readonly BenchEntry[] = [
  gemm,
  conv,
  trainStep,
  infer,
  sparse,
  int8,
  data,
  start,
  protoLoad,
  memory,
];
