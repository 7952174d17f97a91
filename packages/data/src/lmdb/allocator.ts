import { overflowPages } from './format.ts';
import type { TreeMeta } from './meta.ts';

/**
 * Page numbers for one write transaction: pages that no snapshot uses any more, then pages at the end of the file.
 * Pages that the present snapshot uses are never given out, so that it stays whole until the new meta page is written.
 */
export class PageAllocator {
  /** Next page at the end of the file. */
  next: number;
  /** Pages that this transaction has freed; usable from the next but one on. */
  readonly freed: number[] = [];
  private readonly usable: number[];

  /** @param usable Free pages. */
  constructor(usable: readonly number[], next: number) {
    this.usable = [...usable].sort((a, b) => b - a); // lowest last: popped first
    this.next = next;
  }

  /** Free pages not given out, highest first. */
  get unused(): readonly number[] {
    return this.usable;
  }

  take(): number {
    return this.usable.pop() ?? this.next++;
  }

  /** The first of `count` neighbouring pages. */
  takeRun(count: number): number {
    if (count === 1) return this.take();
    const at = this.findRun(count);
    if (at === undefined) return this.takeAtEnd(count);
    return this.usable.splice(at, count).at(-1)!;
  }

  takeAtEnd(count = 1): number {
    this.next += count;
    return this.next - count;
  }

  /** Pages of the present snapshot that the new one lacks. */
  free(first: number, count = 1): void {
    for (let i = 0; i < count; i++) this.freed.push(first + i);
  }

  /** Pages of this transaction that it no longer needs. */
  giveBack(first: number, count: number): void {
    for (let i = 0; i < count; i++) this.usable.push(first + i);
    this.usable.sort((a, b) => b - a);
  }

  /** Index in `usable` (falling numbers) of a run. */
  private findRun(count: number): number | undefined {
    for (let end = this.usable.length - 1, start = end; end >= 0; end = start - 1, start = end) {
      while (start > 0 && end - start + 1 < count && this.usable[start - 1] === this.usable[start]! + 1) start--;
      if (end - start + 1 === count) return start;
    }
    return undefined;
  }
}

/** Frees the overflow pages of a value of the present snapshot. */
export function freeOverflow(
  allocator: PageAllocator,
  tree: TreeMeta,
  page: number,
  size: number,
  pageSize: number,
): void {
  const count = overflowPages(size, pageSize);
  allocator.free(page, count);
  tree.overflowPages -= count;
}
