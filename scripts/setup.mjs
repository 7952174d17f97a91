// Installs and builds what is missing, with Node's built-ins only: `npm start` and `npm test` begin here.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const needed = [20, 19];

/** Runs a command in the repository; ends this process with its status where it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.status !== 0 && result.stdout) process.stdout.write(result.stdout);
  if (result.error) {
    console.error(`${command} could not be started: ${result.error.message}`);
    process.exit(1);
  }
  if (result.status === 130) process.exit(130); // stopped by the user, and said so
  if (result.status !== 0) {
    console.error(`\n${command} ${args.join(' ')} failed${result.signal ? ` (${result.signal})` : ''}.`);
    process.exit(result.status ?? 1);
  }
}

/** npm by the same Node that runs this script. */
function npm(...args) {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('.js')) run(process.execPath, [cli, ...args]);
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > needed[0] || (major === needed[0] && minor >= needed[1])) return;
  console.error(`Node ${process.versions.node} is too old: Jacinto needs Node ${needed.join('.')} or newer.`);
  process.exit(1);
}

/** Dependencies are installed when the lock file is not the one they were installed from. */
function install() {
  const stamp = `${root}/node_modules/.jacinto-lock`;
  const lock = createHash('sha256')
    .update(readFileSync(`${root}/package-lock.json`))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.log('Installing dependencies (once) …');
  npm('ci', '--ignore-scripts', '--no-audit', '--no-fund');
  mkdirSync(`${root}/node_modules`, { recursive: true });
  writeFileSync(stamp, lock);
}

/** turbo builds the packages whose sources have changed; it answers from its cache otherwise. */
export function build() {
  console.log('Building what has changed …');
  run(process.execPath, [`${root}/node_modules/turbo/bin/turbo`, 'run', 'build', '--output-logs=errors-only'], {
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
    stdio: ['inherit', 'pipe', 'inherit'], // shown where it fails
    maxBuffer: 2 ** 28,
  });
}

export function setUp() {
  checkNode();
  install();
  build();
}
