import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeImage } from '@jacinto/data';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from './testing/shared.ts';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const { bin } = JSON.parse(readFileSync(here('../package.json'), 'utf8')) as { bin: Record<string, string> };
const folder = temporaryFolder();

function run(name: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [here(join('..', bin[name]!)), ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe.skipIf(!existsSync(here('../dist/bin')))('the commands (skipped where not built)', () => {
  it.each(Object.keys(bin))('%s: --help, usage, and one error line without a stack trace', (name) => {
    const help = run(name, '--help');
    expect([help.status, help.stderr]).toEqual([0, '']);
    expect(help.stdout).toContain(`${name}: `);
    expect(run(name).status).toBe(1);
    const files =
      name === 'compute_image_mean' ? ['none'] : name === 'convert_imageset' ? ['a', 'none', 'db'] : ['none', 'out'];
    const wrong = run(name, ...files);
    expect(wrong.status).toBe(1);
    expect(wrong.stderr.trimEnd().split('\n').at(-1)).toMatch(
      new RegExp(`^E\\d{4} [\\d:.]+ +\\d+ ${name}\\.cpp:0\\] none: does not exist`),
    );
    expect(wrong.stderr).not.toContain('    at ');
    expect(run(name, '--debug', ...files).stderr).toContain('    at ');
  });

  it('from pictures to a mean', async () => {
    mkdirSync(join(folder, 'images'));
    const data = Uint8Array.from({ length: 48 }, (_, i) => i);
    const png = await encodeImage({ height: 4, width: 4, channels: 3, data }, 'png');
    writeFileSync(join(folder, 'images', 'a.png'), png);
    writeFileSync(join(folder, 'list.txt'), 'a.png 3\n');
    const made = run('convert_imageset', 'images/', 'list.txt', 'made_lmdb');
    expect([made.status, made.stdout]).toEqual([0, '']);
    const again = run('convert_imageset', '--quiet', 'images/', 'list.txt', 'made_lmdb');
    expect([again.status, again.stderr.split('] ')[1]]).toEqual([
      1,
      'made_lmdb: exists already; delete it first, or choose another name\n',
    ]);
    const mean = run('compute_image_mean', 'made_lmdb', 'mean.binaryproto');
    expect(mean.status).toBe(0);
    expect(mean.stderr).toContain('mean_value channel [0]: 22.5');
    expect(existsSync(join(folder, 'mean.binaryproto'))).toBe(true);
  });
});
