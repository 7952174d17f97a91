import { readFileSync } from 'node:fs';
import koffi from 'koffi';
import { expect, test } from 'vitest';
import { keepLoaded } from './keep-loaded.ts';

const file = 'libdnnl.so.2';
const isLoaded = (): boolean => readFileSync('/proc/self/maps', 'latin1').includes(file);

function open(): ReturnType<typeof koffi.load> | undefined {
  try {
    return koffi.load(file);
  } catch {
    return undefined;
  }
}

const first = process.platform === 'linux' ? open() : undefined;

test.skipIf(first === undefined)('a library that is kept stays when unloaded (skipped without oneDNN on Linux)', () => {
  first!.unload();
  expect(isLoaded()).toBe(false);
  const again = open()!;
  keepLoaded(koffi, file);
  again.unload();
  expect(isLoaded()).toBe(true);
});
