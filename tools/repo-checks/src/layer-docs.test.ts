import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './repository.ts';

it('docs/layers.md is what the docstrings and the schema say (else: node scripts/layer-docs.mjs)', () => {
  execFileSync(process.execPath, ['scripts/layer-docs.mjs', '--check'], { cwd: root, stdio: 'pipe' });
  expect(readFileSync(join(root, 'docs/layers.md'), 'utf8')).toContain('\n## Convolution\n');
});
