import type { RecordShape } from '../transform/transform.ts';

/** A batch: data N,C,H,W and labels N; its arrays are used again after `release`. */
export interface Batch {
  shape: RecordShape;
  data: Float32Array;
  labels: Float32Array;
  release(): void;
}

/** Makes batches one after the other. */
export interface BatchSource {
  /** The next batch: at once where it is ready. @throws CaffeError naming source and record. */
  next(): Batch | Promise<Batch>;
  dispose(): Promise<void>;
}
