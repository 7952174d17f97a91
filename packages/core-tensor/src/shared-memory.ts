import type { HostBlock, HostMemory } from './host-memory.ts';

/**
 * Memory that several values use in turn, each for the time between its first writing and its last reading: see
 * `Values.useShared`. Taken on first use; not zero filled for the later ones.
 */
export class SharedMemory {
  readonly byteLength: number;
  private readonly host: HostMemory;
  private readonly blocks: (HostBlock | undefined)[] = [];

  constructor(host: HostMemory, byteLength: number) {
    this.host = host;
    this.byteLength = byteLength;
  }

  /** Bytes taken so far. */
  get takenBytes(): number {
    return this.blocks.reduce((sum, block) => sum + (block?.byteLength ?? 0), 0);
  }

  /** Place 0 is for plain values, later ones are for copies that a backend keeps in layouts of its own. */
  block(place = 0): HostBlock {
    this.blocks[place] ??= this.host.allocate(this.byteLength);
    return this.blocks[place];
  }

  release(): void {
    for (const block of this.blocks) if (block !== undefined) this.host.free(block);
    this.blocks.length = 0;
  }
}
