import { runQuantize } from './command/run.ts';
import { loadCaffeRunner } from './report/caffe-runner.ts';

// who reads the output may go away (quantize … | head): end then, and say nothing
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

const variable = Number(process.env['JACINTO_THREADS'] ?? '0');

process.exitCode = await runQuantize({
  args: process.argv.slice(2),
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
  loadRunner: ({ weightsFile, threads }) =>
    loadCaffeRunner({ weightsFile, threads: threads ?? (variable >= 1 ? variable : undefined) }),
});

// all threads were told to end; whatever hangs must not keep a finished command alive
setTimeout(() => process.exit(), 3000).unref();
