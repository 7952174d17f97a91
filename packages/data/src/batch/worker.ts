/** Entry of the data layers' worker threads: fills parts of batches in shared memory. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { CaffeError } from '@jacinto/proto/errors';
import { fillPart } from './fill-part.ts';
import { type LoaderSettings, RecordLoader } from './record-loader.ts';
import type { PartReply, PartRequest } from './worker-messages.ts';

const { settings, port } = workerData as { settings: LoaderSettings; port: MessagePort };
const loader = new RecordLoader(settings);

port.on('message', (request: PartRequest) => {
  answer(request).then(
    (reply) => port.postMessage(reply),
    (error: unknown) => port.postMessage(failure(request.id, error)),
  );
});

async function answer({ id, part, target }: PartRequest): Promise<PartReply> {
  if (part.refs.length !== 1 || target.labels.length !== 1) {
    await fillPart(loader, part, target);
    return { id };
  }
  const loaded = await loader.load(part.refs[0]!, part.position);
  target.labels[0] = loaded.label;
  const same = loaded.shape.every((length, axis) => length === target.shape[axis]);
  const data = same ? target.data : new Float32Array(loaded.shape[0] * loaded.shape[1] * loaded.shape[2]);
  loaded.write(data, 0);
  return same ? { id } : { id, other: { shape: loaded.shape, data } };
}

function failure(id: number, error: unknown): PartReply {
  if (error instanceof CaffeError) return { id, facts: error.facts };
  return { id, fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}
