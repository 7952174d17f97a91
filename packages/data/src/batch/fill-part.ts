import { CaffeError } from '@jacinto/proto/errors';
import type { RecordRef } from '../feed/record-ref.ts';
import type { RecordShape } from '../transform/transform.ts';
import type { LoadedRecord, RecordLoader } from './record-loader.ts';

/** Some neighbouring records of a batch. */
export interface BatchPart {
  /** Records used before the first of these. */
  position: number;
  /** Place of the first of these in the batch. */
  begin: number;
  refs: RecordRef[];
}

/** Where a batch's values go: data N,C,H,W and labels N. */
export interface BatchTarget {
  shape: RecordShape;
  data: Float32Array;
  labels: Float32Array;
}

/** Pictures decoded at a time: sharp decodes on the threads of libuv, of which there are four. */
const atOnce = 8;

/**
 * Loads records into their places of a batch.
 * @throws CaffeError naming source and record; 'bad-shape' where a record's size is not the batch's.
 */
export function fillPart(loader: RecordLoader, part: BatchPart, target: BatchTarget): void | Promise<void> {
  const { refs, position, begin } = part;
  for (let i = 0; i < refs.length; i++) {
    const loaded = loader.load(refs[i]!, position + i);
    if (loaded instanceof Promise) return fillDecoding(loader, part, target, i, loaded);
    place(loader, loaded, refs[i]!, begin + i, target);
  }
}

/** The rest of a part whose records are being decoded. */
async function fillDecoding(
  loader: RecordLoader,
  { refs, position, begin }: BatchPart,
  target: BatchTarget,
  from: number,
  first: Promise<LoadedRecord>,
): Promise<void> {
  let next = from + 1;
  const worker = async (start: number, started: LoadedRecord | Promise<LoadedRecord>): Promise<void> => {
    place(loader, await started, refs[start]!, begin + start, target);
    while (next < refs.length) {
      const i = next++;
      place(loader, await loader.load(refs[i]!, position + i), refs[i]!, begin + i, target);
    }
  };
  const running = [worker(from, first)];
  while (running.length < atOnce && next < refs.length) {
    const i = next++;
    running.push(
      worker(
        i,
        Promise.resolve().then(() => loader.load(refs[i]!, position + i)),
      ),
    );
  }
  const results = await Promise.allSettled(running);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

function place(
  loader: RecordLoader,
  loaded: LoadedRecord,
  ref: RecordRef,
  index: number,
  { shape, data, labels }: BatchTarget,
): void {
  if (loaded.shape.some((length, axis) => length !== shape[axis])) {
    const error = new CaffeError({
      code: 'bad-shape',
      problem: `is ${loaded.shape.join('×')} (channels×height×width), but its batch is ${shape.join('×')}`,
      fix: 'give all pictures one size (resize them, or set crop_size), or use batch_size: 1',
    });
    throw loader.placed(error, ref);
  }
  loaded.write(data, index * shape[0] * shape[1] * shape[2]);
  labels[index] = loaded.label;
}
