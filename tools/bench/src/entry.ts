/** One measured figure: what was done, by whom, how long it took. */
export interface Row {
  /** The work: "512×512×512", "conv1a forward". */
  work: string;
  /** Who did it: "jacinto, 1 thread", "gpu.js (WASM)". */
  subject: string;
  /** Median of one run; absent where the subject is. */
  seconds?: number;
  /** Speed in `unit`, e.g. 41.2 and "GFLOP/s". */
  rate?: number;
  unit?: string;
  /** What was measured, where that is memory. */
  bytes?: number;
  /** How many times faster than the row it is compared with (its subject is in `against`). */
  ratio?: number;
  against?: string;
  /** The least `ratio` that the project wants. */
  goal?: number;
  /** Why nothing was measured, or what to know about it. */
  note?: string;
}

export interface Report {
  rows: Row[];
  /** Lines under the table. */
  notes?: string[];
}

export interface BenchContext {
  /** Says what is going on (to the terminal's standard error). */
  progress(text: string): void;
  /** Whether absent peers may be installed. */
  installPeers: boolean;
  /** Samples a subject, where --rounds gives it. */
  rounds?: number;
  /** Only works whose name contains it (--only), where an entry can do without the others. */
  only?: string;
  /** Whether `infer` adds the time of each layer (--layers). */
  layers?: boolean;
  /** A caffe binary (--caffe, JACINTO_BENCH_CAFFE). */
  caffe?: string;
}

/** A benchmark: verifies its subjects' results first, and throws where one is wrong. */
export interface BenchEntry {
  name: string;
  description: string;
  run(context: BenchContext): Promise<Report>;
}
