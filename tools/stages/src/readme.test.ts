import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('runs the example of the README against the built package', () => {
  const code = /```js\n([\s\S]*?)```/.exec(readFileSync(join(import.meta.dirname, '../README.md'), 'utf8'))![1]!;
  const printed = execFileSync(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  const lines = printed.trim().split('\n');
  expect(lines).toHaveLength(7);
  expect(lines[1]).toBe('L1 caffe train --solver=l1reg/solver.prototxt --weights=initial/initial_iter_6400.caffemodel');
});
