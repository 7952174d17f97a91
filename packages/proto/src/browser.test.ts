import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** Every source file that `entry` imports, directly or not, with its imports from outside. */
function reach(entry: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(entry)) return seen;
  const text = readFileSync(entry, 'utf8');
  const imports = [...text.matchAll(/(?:from|import) '([^']+)'/g)].map(([, name]) => name!);
  seen.set(
    entry,
    imports.filter((name) => !name.startsWith('.')),
  );
  for (const name of imports) if (name.startsWith('.')) reach(join(dirname(entry), name), seen);
  return seen;
}

it('the main entry needs nothing of Node, so that browsers can use it', () => {
  const files = reach(fileURLToPath(new URL('./index.ts', import.meta.url)));
  expect(files.size).toBeGreaterThan(30);
  expect(new Set([...files.values()].flat())).toEqual(new Set(['protobufjs/light.js']));
  for (const file of files.keys()) {
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    expect(/\b(Buffer|process|require)\b[.(]/.test(code), file).toBe(false);
  }
});
