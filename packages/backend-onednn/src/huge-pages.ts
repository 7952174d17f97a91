import type { Koffi, Pointer } from './c-api-2.ts';

const wantHugePages = 14; // MADV_HUGEPAGE

/**
 * Asks Linux for pages of 2 MiB in that range of addresses: passes over blocked layouts step from page to page, and looking
 * up small pages takes a tenth of a training step. Where the system refuses, nothing changes.
 */
export function adviseHugePages(koffi: Koffi, from: Pointer, bytes: number): void {
  if (process.platform !== 'linux') return;
  try {
    const advise = koffi.load('libc.so.6').func('madvise', 'int', ['uintptr_t', 'size_t', 'int']);
    advise(from, bytes, wantHugePages);
  } catch {
    // Another C library: as it was.
  }
}
