import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { standardLayers } from './list.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const readme = readFileSync(here('../README.md'), 'utf8');

test.skipIf(!existsSync(here('../dist/index.js')))('the example prints what it says (skipped where not built)', () => {
  const example = /```js\n([\s\S]*?)```/.exec(readme)![1]!;
  const file = here(`../.readme-${process.pid}.mjs`);
  writeFileSync(file, example);
  try {
    const printed = execFileSync(process.execPath, [file], { encoding: 'utf8' });
    const promised = [...example.matchAll(/console\.log\(.*\); \/\/ (.*)/g)].map(([, comment]) => comment!);
    expect(promised.length).toBeGreaterThan(0);
    expect(printed.trimEnd().split('\n')).toEqual(promised);
  } finally {
    rmSync(file);
  }
});

test('the table of layers has every one', () => {
  for (const { type } of standardLayers) expect(readme).toMatch(new RegExp(`\\b${type}\\b`));
});
