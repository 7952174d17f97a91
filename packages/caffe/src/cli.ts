import { runCaffe } from './caffe-command.ts';

const code = await runCaffe({
  args: process.argv.slice(2),
  stdout: (text) => process.stdout.write(text),
  stderr: process.stderr,
  signals: process,
  quit: (exitCode) => process.exit(exitCode),
});
process.exitCode = code;
