import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCpuBackend } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { createOneDnnBackend } from './onednn-backend.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

it('says which file could not be loaded', async () => {
  expect(await findOneDnn('/nowhere/libdnnl.so.2')).toMatchObject({
    usable: false,
    reason: expect.stringMatching(
      /^\/nowhere\/libdnnl\.so\.2 cannot be loaded \(.*\); install it \(Debian: apt install libdnnl2\) or give its path in JACINTO_ONEDNN_LIBRARY$/,
    ),
  });
});

it('says that a library is another one', async () => {
  const other = process.platform === 'linux' ? 'libc.so.6' : process.execPath;
  const found = await findOneDnn(other);
  expect(found.usable).toBe(false);
  expect(found.usable ? '' : found.reason).toContain(`${other} `);
});

it('names the version where the C API is another', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-onednn-'));
  const file = join(folder, 'libdnnl.so.3');
  try {
    const source = 'static const int v[6] = {3, 4, 1}; const void *dnnl_version(void) { return v; }';
    writeFileSync(join(folder, 'three.c'), source);
    try {
      execFileSync('cc', ['-shared', '-fPIC', '-o', file, join(folder, 'three.c')], { stdio: 'ignore' });
    } catch {
      return context.skip('there is no C compiler to make such a library with');
    }
    const found = await findOneDnn(file);
    expect(found.usable ? '' : found.reason).toContain(
      `${file} is oneDNN 3.4.1, whose C API is another: 2.x is needed`,
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('looks where the environment says', async () => {
  vi.stubEnv('JACINTO_ONEDNN_LIBRARY', '/nowhere/else.so');
  const found = await findOneDnn();
  expect(found.usable ? '' : found.reason).toMatch(/^\/nowhere\/else\.so cannot be loaded/);
  const over = await createCpuBackend({ threads: 1 });
  await expect(createOneDnnBackend({ over })).rejects.toThrow('/nowhere/else.so cannot be loaded');
  await over.dispose();
});

it('refuses numbers of threads that are none, and memory that is not shared', async (context) => {
  const found = await findOneDnn();
  if (!found.usable) return context.skip(found.reason);
  const over = createReferenceBackend();
  await expect(createOneDnnBackend({ found, over, threads: 0 })).rejects.toThrow(/threads: is 0|threads.*is 0/);
  await expect(createOneDnnBackend({ found, over, threads: 1 })).rejects.toThrow(
    'oneDNN cannot work over the reference backend: its values do not lie in one shared memory',
  );
});
