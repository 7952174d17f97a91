import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

test('the example of the README prints what it says', () => {
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(here('README.md'), 'utf8'))![1]!;
  const file = here(`.readme-${process.pid}.mjs`);
  writeFileSync(file, example);
  try {
    const printed = execFileSync(process.execPath, [file], { encoding: 'utf8' });
    expect(printed.trim()).toBe(/console\.log\(.*\); \/\/ (.*)/.exec(example)![1]);
  } finally {
    rmSync(file);
  }
});
