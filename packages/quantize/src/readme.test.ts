import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, makeBlob, writeWeights } from '@jacinto/proto';
import { readWeightsFile } from '@jacinto/proto/node';
import { expect, it } from 'vitest';
import { sharedFolder } from './testing/shared.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const real = join(sharedFolder, 'models/jacinto_cifar10_jacintonet11v2/jacinto_cifar10_jacintonet11v2.caffemodel');

it.skipIf(!existsSync(here('../dist/index.js')))('the example runs on a caffemodel (skipped where not built)', () => {
  const example = /```js\n([\s\S]*?)```/.exec(readFileSync(here('../README.md'), 'utf8'))![1]!;
  const folder = here(`../.readme-${process.pid}`);
  mkdirSync(folder);
  try {
    const model = join(folder, 'model.caffemodel');
    if (existsSync(real)) copyFileSync(real, model);
    else {
      const blobs = [makeBlob([1, 2], Float32Array.of(-1, 0.5))];
      writeFileSync(
        model,
        writeWeights(create('NetParameter', { layer: [{ name: 'c', type: 'InnerProduct', blobs }] })),
      );
    }
    writeFileSync(join(folder, 'example.mjs'), example);
    const printed = execFileSync(process.execPath, ['example.mjs'], { cwd: folder, encoding: 'utf8' });
    const lines = printed.trimEnd().split('\n');
    for (const line of lines)
      expect(line).toMatch(/^\S+ blob [01]: (8|16) bits, scale [\d.]+, (\d+\.\d|Infinity|NaN) dB$/);
    const saved = readWeightsFile(join(folder, 'model-8bit.caffemodel'));
    expect(saved.layer.flatMap(({ blobs }) => blobs).length).toBeGreaterThanOrEqual(lines.length);
    expect(lines.length).toBeGreaterThan(0);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
