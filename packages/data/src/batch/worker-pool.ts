import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { CaffeError } from '@jacinto/proto/errors';
import type { LoaderSettings } from './record-loader.ts';
import type { PartReply, PartRequest } from './worker-messages.ts';

// Tests run the sources; a worker needs the compiled file.
const workerFile = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/batch/worker.js', import.meta.url)
  : new URL('./worker.js', import.meta.url);

interface Member {
  worker: Worker;
  port: MessagePort;
  pending: Set<number>;
  /** Why it ended by itself. */
  lost?: string;
}

/**
 * Threads that fill parts of batches. Replies are found both by `poll`, which a thread that never waits can call, and
 * by the listener.
 */
export class WorkerPool {
  private readonly members: Member[] = [];
  private readonly onReply: (reply: PartReply) => void;
  private disposed = false;

  constructor(size: number, settings: LoaderSettings, onReply: (reply: PartReply) => void) {
    this.onReply = onReply;
    for (let i = 0; i < size; i++) this.members.push(this.start(settings));
  }

  get size(): number {
    return this.members.length;
  }

  /** Gives work to the thread that has least. */
  post(request: PartRequest): void {
    const alive = this.members.filter(({ lost }) => lost === undefined);
    if (alive.length === 0) {
      const fault = `a worker thread ${this.members[0]!.lost}`;
      queueMicrotask(() => this.onReply({ id: request.id, fault }));
      return;
    }
    const member = alive.reduce((a, b) => (b.pending.size < a.pending.size ? b : a));
    member.pending.add(request.id);
    member.port.postMessage(request);
  }

  /** Takes the replies that have arrived. */
  poll(): void {
    for (const member of this.members) {
      for (let got = receiveMessageOnPort(member.port); got !== undefined; got = receiveMessageOnPort(member.port)) {
        this.received(member, got.message as PartReply);
      }
    }
  }

  /** Whether the threads keep the process alive: only while somebody waits for them. */
  hold(alive: boolean): void {
    for (const { worker, port } of this.members) {
      for (const each of [worker, port]) alive ? each.ref() : each.unref();
    }
  }

  async dispose(): Promise<void> {
    this.disposed = true;
    for (const { port } of this.members) port.close();
    await Promise.all(this.members.map(({ worker }) => worker.terminate()));
  }

  private start(settings: LoaderSettings): Member {
    const { port1, port2 } = new MessageChannel();
    const worker = new Worker(workerFile, { workerData: { settings, port: port2 }, transferList: [port2] });
    const member: Member = { worker, port: port1, pending: new Set() };
    port1.on('message', (reply: PartReply) => this.received(member, reply));
    worker.on('error', (error) => this.lost(member, `failed: ${error.message}`));
    worker.on('exit', (code) => this.lost(member, `ended with code ${code}`));
    worker.unref();
    port1.unref();
    return member;
  }

  private received(member: Member, reply: PartReply): void {
    if (member.pending.delete(reply.id)) this.onReply(reply);
  }

  /** A thread that ends by itself answers all it had to do. */
  private lost(member: Member, why: string): void {
    if (this.disposed) return;
    member.lost ??= why;
    for (const id of [...member.pending]) this.received(member, { id, fault: `a worker thread ${why}` });
  }
}

/** The error that a reply tells of. */
export function replyError(reply: PartReply): CaffeError | undefined {
  if (reply.facts !== undefined) return new CaffeError(reply.facts);
  if (reply.fault === undefined) return undefined;
  return new CaffeError({ code: 'internal', problem: `reading data failed: ${reply.fault}` });
}
