import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Path of a command of the project, as the package that holds it names it. */
function pathOf(packageName, command) {
  const folder = join(root, 'node_modules', ...packageName.split('/'));
  const path = join(folder, JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).bin[command]);
  if (!existsSync(path)) throw new Error(`${command} is not built; run: npm run build`);
  return path;
}

/**
 * Runs a command as a user would, in `folder`; all it prints goes to the file `log` there.
 * @param {{package: string, command: string, args: string[], folder: string, log: string, onLine?: (line: string) => void}} options
 */
export async function runCommand({ package: packageName, command, args, folder, log, onLine }) {
  const child = spawn(process.execPath, [pathOf(packageName, command), ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const file = createWriteStream(join(folder, log));
  const last = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      file.write(`${line}\n`);
      last.push(line);
      if (last.length > 10) last.shift();
      onLine?.(line);
    });
  }
  const forward = (signal) => child.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  process.off('SIGINT', forward).off('SIGTERM', forward);
  await new Promise((resolve) => file.end(resolve));
  if (code !== 0) throw new Error(`${command} ended with code ${code}:\n${last.join('\n')}`);
}
