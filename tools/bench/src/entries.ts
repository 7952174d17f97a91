import { conv } from './entries/conv.ts';
import { gemm } from './entries/gemm.ts';
import { protoLoad } from './entries/proto-load.ts';
import type { BenchEntry } from './entry.ts';

/** All entries, in the order in which they run. */
export const entries: readonly BenchEntry[] = [gemm, conv, protoLoad];
