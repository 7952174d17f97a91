import type { Koffi } from './c-api-2.ts';

const now = 2;
/** RTLD_NODELETE of glibc and musl; of macOS. */
const noDelete = process.platform === 'darwin' ? 0x80 : 0x1000;

/**
 * Keeps a library, and those it needs, in the process to its end. koffi unloads libraries when Node ends; a thread of
 * OpenMP that wakes up just then would find its code gone, a segmentation fault after all work is done.
 */
export function keepLoaded(koffi: Koffi, file: string): void {
  // The C library has it itself, but for glibc before 2.34.
  const homes = process.platform === 'darwin' ? ['libSystem.B.dylib'] : ['libc.so.6', 'libdl.so.2'];
  for (const home of process.platform === 'win32' ? [] : homes) {
    try {
      koffi.load(home).func('dlopen', 'void *', ['str', 'int'])(file, now | noDelete);
      return;
    } catch {
      // The next one; a C library with neither unloads as it does.
    }
  }
}
