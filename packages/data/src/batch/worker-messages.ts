import type { ErrorFacts } from '@jacinto/proto/errors';
import type { RecordShape } from '../transform/transform.ts';
import type { BatchPart, BatchTarget } from './fill-part.ts';

/** Work for a worker: fill these places of a batch in shared memory. */
export interface PartRequest {
  id: number;
  part: BatchPart;
  target: BatchTarget;
}

/** What a worker says when it has done: nothing more, or what went wrong. */
export interface PartReply {
  id: number;
  /** Facts of a CaffeError. */
  facts?: ErrorFacts;
  /** Text of another error: a fault of ours. */
  fault?: string;
  /** A batch of one record with another shape: its own values. */
  other?: { shape: RecordShape; data: Float32Array };
}
