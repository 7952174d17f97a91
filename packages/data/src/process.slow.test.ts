import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeDatabase } from './testing/make-database.ts';
import { temporaryFolder } from './testing/shared.ts';

const folder = temporaryFolder();
// Beside the package, so that its imports resolve.
const script = fileURLToPath(new URL(`../.process-${process.pid}.mjs`, import.meta.url));
const isBuilt = existsSync(fileURLToPath(new URL('../dist/index.js', import.meta.url)));

beforeAll(async () => {
  const data = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  await makeDatabase(join(folder, 'db'), [{ data, encoded: true, label: 1 }]);
});
afterAll(() => rmSync(script, { force: true }));

/** Runs a program with a net of encoded data; it is killed where it does not end. */
function run(body: string) {
  writeFileSync(
    script,
    `import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { LayerRegistry, Net } from '@jacinto/net';
import { parseText } from '@jacinto/proto';
import { dataLayers } from '@jacinto/data';
const text = 'layer { name: "d" type: "Data" top: "data" top: "label" data_param { source: "${folder}/db" batch_size: 4 threads: 2 backend: LMDB } }';
const options = { backend: createReferenceBackend(), registry: new LayerRegistry(dataLayers), phase: 0 };
const net = await Net.create(parseText('NetParameter', text), options);
for (let i = 0; i < 5; i++) await net.forward();
${body}
console.log('end');`,
  );
  return spawnSync(process.execPath, [script], { encoding: 'utf8', timeout: 50_000 });
}

it.skipIf(!isBuilt)('nothing keeps a process alive after dispose (skipped where not built)', () => {
  const { status, stdout, stderr } = run('await net.dispose();');
  expect([status, stdout, stderr]).toEqual([0, 'end\n', '']);
});

it.skipIf(!isBuilt)('nor does a net that was not disposed of (skipped where not built)', () => {
  const { status, stdout, stderr } = run('');
  expect([status, stdout, stderr]).toEqual([0, 'end\n', '']);
});
