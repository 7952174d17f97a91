import { bytesPerValue, type HostMemory, SharedMemory, type Tensor, type Values } from '@jacinto/core-tensor';
import type { NetLayer } from './net-layer.ts';

/** When values of a net are in use, in layers of a forward pass. */
export interface Lifetime {
  values: Values;
  bytes: number;
  /** The first layer that writes them, the last one that reads or changes them. */
  first: number;
  last: number;
}

/**
 * Lifetimes of the data between layers, but for what outlives a pass: blobs that `keeps` names, and tops of layers
 * without bottoms. Blobs that share one memory are one (in place, Split, Reshape). `before`: tops that an earlier layer
 * may write already, and which.
 */
export function lifetimesOf(
  layers: readonly NetLayer[],
  keeps: (blob: string) => boolean,
  before: ReadonlyMap<Tensor, number> = new Map(),
): Lifetime[] {
  const found = new Map<Values, Lifetime>();
  const kept = new Set<Values>();
  for (const { index, bottoms, tops, topNames } of layers) {
    tops.forEach((top, j) => {
      const { data } = top;
      if (bottoms.length === 0 || keeps(topNames[j]!)) kept.add(data);
      if (!found.has(data)) {
        const bytes = data.count * bytesPerValue[data.dataType];
        found.set(data, { values: data, bytes, first: before.get(top) ?? index, last: index });
      }
    });
    for (const { data } of [...bottoms, ...tops]) {
      const lifetime = found.get(data);
      if (lifetime !== undefined) lifetime.last = index;
    }
  }
  return [...found.values()].filter(({ values }) => !kept.has(values));
}

/**
 * Which lifetimes take turns in one memory: none at the same time as another. Large ones choose first, so each memory
 * has the size of its first.
 */
export function takeTurns(lifetimes: readonly Lifetime[]): Lifetime[][] {
  const memories: Lifetime[][] = [];
  for (const one of lifetimes.toSorted((a, b) => b.bytes - a.bytes || a.first - b.first)) {
    const free = memories.find((users) => users.every((other) => other.last < one.first || one.last < other.first));
    if (free === undefined) memories.push([one]);
    else free.push(one);
  }
  return memories;
}

/** The memories of a net whose blobs take turns. */
export class SharedBuffers {
  private readonly host: HostMemory;
  private readonly lifetimes: () => Lifetime[];
  private memories: SharedMemory[] = [];
  private assigned: readonly Lifetime[] = [];
  private off = false;

  /** `lifetimes`: those of the net's blobs as they are. */
  constructor(host: HostMemory, lifetimes: () => Lifetime[]) {
    this.host = host;
    this.lifetimes = lifetimes;
  }

  /** Gives the blobs their memories, where sizes have changed; what they held is lost. Whether anything changed. */
  update(): boolean {
    if (this.off) return false;
    const now = this.lifetimes();
    const known = this.assigned;
    const same = (one: Lifetime, i: number): boolean => one.values === known[i]?.values && one.bytes === known[i].bytes;
    if (now.length === known.length && now.every(same)) return false;
    this.release();
    this.assigned = now;
    for (const users of takeTurns(now)) {
      if (users.length < 2) continue; // alone: as well in memory of its own
      const memory = new SharedMemory(this.host, users[0]!.bytes);
      for (const { values } of users) values.useShared(memory);
      this.memories.push(memory);
    }
    return true;
  }

  /** Every blob has its own memory from now on. */
  end(): void {
    this.off = true;
    this.release();
  }

  private release(): void {
    for (const { values } of this.assigned) {
      if (values.shared !== undefined && this.memories.includes(values.shared)) values.useShared(undefined);
    }
    for (const memory of this.memories) memory.release();
    this.memories = [];
    this.assigned = [];
  }
}
