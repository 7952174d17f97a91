import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findOneDnn } from './find-library.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const found = await findOneDnn();

it.skipIf(!existsSync(here('../dist/index.js')) || !found.usable)(
  'the example runs and prints what it says (skipped where not built, or without oneDNN)',
  () => {
    const example = /```js\n([\s\S]*?)```/.exec(readFileSync(here('../README.md'), 'utf8'))![1]!;
    const file = here(`../.readme-${process.pid}.mjs`);
    writeFileSync(file, example);
    try {
      const printed = execFileSync(process.execPath, [file], { encoding: 'utf8' });
      const promised = [...example.matchAll(/console\.log\(.*\); \/\/(.*)/g)].map(([, comment]) => comment!.slice(1));
      expect(printed.trimEnd().split('\n')).toEqual(promised);
    } finally {
      rmSync(file);
    }
  },
);
