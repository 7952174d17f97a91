import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('../../bin/caffe.js', import.meta.url));

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  cwd: string;
  env?: NodeJS.ProcessEnv;
  /** Called with all of stderr so far, whenever there is more. */
  onStderr?: (text: string, child: ChildProcess) => void;
  /** A shell line to run it by; "$@" stands for the command. */
  shell?: string;
}

/** Runs the built `caffe` command with real arguments. */
export function runCli(args: readonly string[], { cwd, env, onStderr, shell }: CliOptions): Promise<CliResult> {
  const command = [process.execPath, script, ...args];
  const [file, ...rest] = shell === undefined ? command : ['bash', '-c', shell, 'bash', ...command];
  return new Promise((done, fail) => {
    const options = { cwd, env: { ...process.env, JACINTO_THREADS: '1', ...env } };
    const child = spawn(file!, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      onStderr?.(stderr, child);
    });
    child.on('error', fail);
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
}

/** The lines of a log at a severity, without their prefix. */
export function logLines(stderr: string, severity: 'I' | 'W' | 'E' = 'I'): string[] {
  return stderr.split('\n').flatMap((line) => {
    const match = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ [a-z_]+\.[a-z]+:\d+\] (.*)$/.exec(line);
    return match !== null && match[1] === severity ? [match[2]!] : [];
  });
}
