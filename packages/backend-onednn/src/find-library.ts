import type { LibraryHandle } from 'koffi';
import { bindOneDnn2, type Koffi, type OneDnn2, versionOf } from './c-api-2.ts';
import { keepLoaded } from './keep-loaded.ts';
import { settleWaiting } from './open-mp.ts';

/** What was found of oneDNN on this machine. */
export type FoundOneDnn = UsableOneDnn | { usable: false; reason: string };

export interface UsableOneDnn {
  usable: true;
  /** As it was loaded: a name that the system's loader knows, or a path. */
  file: string;
  version: string;
  koffi: Koffi;
  api: OneDnn2;
}

/** Names of the library, newest C API last: what can be used is tried first. */
const names: Readonly<Record<string, readonly string[]>> = {
  linux: ['libdnnl.so.2', 'libdnnl.so', 'libdnnl.so.3'],
  darwin: ['libdnnl.2.dylib', 'libdnnl.dylib', 'libdnnl.3.dylib'],
  win32: ['dnnl.dll'],
};
const install = 'install it (Debian: apt install libdnnl2) or give its path in JACINTO_ONEDNN_LIBRARY';

/**
 * Looks for oneDNN 2.x: at `file`, else where JACINTO_ONEDNN_LIBRARY points, else by its usual names. Never throws: what
 * is missing is said in `reason`.
 */
export async function findOneDnn(file = process.env['JACINTO_ONEDNN_LIBRARY']): Promise<FoundOneDnn> {
  let koffi: Koffi;
  try {
    koffi = await import('koffi');
  } catch (error) {
    return { usable: false, reason: `koffi, which calls C libraries, does not run here (${firstLine(error)})` };
  }
  settleWaiting(koffi); // before the library brings its OpenMP in
  const candidates = file === undefined || file === '' ? (names[process.platform] ?? []) : [file];
  const refused: string[] = [];
  for (const candidate of candidates) {
    let library: LibraryHandle;
    try {
      library = koffi.load(candidate);
    } catch (error) {
      if (candidates.length === 1) refused.push(`${candidate} cannot be loaded (${firstLine(error)})`);
      continue;
    }
    try {
      const { major, text } = versionOf(koffi, library);
      if (major !== 2) refused.push(`${candidate} is oneDNN ${text}, whose C API is another: 2.x is needed`);
      else {
        keepLoaded(koffi, candidate);
        return { usable: true, file: candidate, version: text, koffi, api: bindOneDnn2(koffi, library) };
      }
    } catch (error) {
      refused.push(`${candidate} is not oneDNN 2.x as needed (${firstLine(error)})`);
    }
  }
  const problem = refused.length > 0 ? refused.join('; ') : `oneDNN is not installed (tried ${candidates.join(', ')})`;
  return { usable: false, reason: `${problem}; ${install}` };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
