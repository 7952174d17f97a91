// `npm test [-- vitest arguments]`: sets up what is missing, runs every test, ends with one line of counts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setUp } from './setup.mjs';

setUp();
const folder = mkdtempSync(join(tmpdir(), 'jacinto-test-'));
const report = join(folder, 'report.json');
const vitest = `${root}/node_modules/vitest/vitest.mjs`;
const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [vitest, ...args], { cwd: root, stdio: 'inherit' });

try {
  const counts = JSON.parse(readFileSync(report, 'utf8'));
  const skipped = counts.numPendingTests + counts.numTodoTests;
  console.log(`\n${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${skipped} skipped`);
} catch {
  console.log('\nNo test report: vitest ended before it ran a test.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit(status ?? 1);
