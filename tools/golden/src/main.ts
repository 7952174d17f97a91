import { runGolden } from './run-golden.ts';

process.exitCode = await runGolden(process.argv.slice(2), (line) => process.stdout.write(`${line}\n`));
