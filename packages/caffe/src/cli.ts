import { runCaffe } from './caffe-command.ts';

// who reads the output may go away (caffe … | head): end then, and say nothing
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : 1);
  });
}

process.exitCode = await runCaffe({
  args: process.argv.slice(2),
  stdout: (text) => process.stdout.write(text),
  stderr: process.stderr,
  signals: process,
  quit: (code) => process.exit(code),
});

// all threads were told to end; whatever hangs must not keep a finished command alive
setTimeout(() => process.exit(), 3000).unref();
