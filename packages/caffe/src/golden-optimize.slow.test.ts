import { cpSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logLines, runCli } from './testing/run-cli.ts';
import { sharedFolder, temporaryFolder } from './testing/shared-files.ts';

const root = temporaryFolder();
const recorded = join(sharedFolder, 'golden/jacinto/optimize');

describe.skipIf(!existsSync(recorded))('caffe optimize as 0.17 (skipped where ../shared is absent)', () => {
  it.each([
    ['grouped_chain', false],
    ['bn5_and_scale', true],
    ['quantized_text', false],
  ])('%s: both files byte by byte, and a warning where outputs differ: %s', async (name, differs) => {
    const cwd = mkdtempSync(join(root, `${name}-`));
    // the materials are read-only; the copies must not be
    for (const file of ['before.prototxt', 'before.caffemodel'])
      cpSync(join(recorded, name, file), join(cwd, file), { mode: 0 });
    const args = ['optimize', '--model=before.prototxt', '--weights=before.caffemodel', '--output_model=./after'];
    const { code, stderr } = await runCli([...args, '--compat=caffe-jacinto-0.17'], { cwd });
    expect(code, stderr).toBe(0);
    for (const file of ['after.prototxt', 'after.caffemodel'])
      expect(readFileSync(join(cwd, file)).equals(readFileSync(join(recorded, name, file))), file).toBe(true);
    const fromNet = (log: string) => {
      const lines = logLines(log).filter((line) => !line.startsWith('Checked: '));
      return lines.slice(lines.indexOf('Optimizing Net before.prototxt'));
    };
    expect(fromNet(stderr)).toEqual(fromNet(readFileSync(join(recorded, name, 'optimize.log'), 'utf8')));
    expect(/BEFORE AND AFTER DIFFER/.test(logLines(stderr, 'W').join())).toBe(differs);
  });
});
