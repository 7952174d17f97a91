import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { CaffeError, nearest } from '@jacinto/proto/errors';
import { entries } from './entries.ts';
import type { BenchEntry, Report } from './entry.ts';
import { tableText } from './table.ts';

const usage = `usage: npm run bench [-- NAME… ] [-- --no-peers] [-- --out FOLDER]

  NAME         entries to run; without one: all
  --no-peers   installs no peer; one that is absent is named as absent
  --out        folder of the JSON files (default out/bench)
`;

/** Runs the command line; gives the exit code. Tables go to standard output, progress to standard error. */
export async function runBench(args: readonly string[]): Promise<number> {
  const { names, installPeers, out, help } = parse(args);
  if (help) {
    process.stdout.write(
      `${usage}\nentries:\n${entries.map(({ name, description }) => `  ${name.padEnd(12)} ${description}\n`).join('')}`,
    );
    return 0;
  }
  let chosen: readonly BenchEntry[];
  try {
    chosen = names.length === 0 ? entries : names.map(entryNamed);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
  let code = 0;
  for (const entry of chosen) code = Math.max(code, await runEntry(entry, out, installPeers));
  return code;
}

async function runEntry(entry: BenchEntry, out: string, installPeers: boolean): Promise<number> {
  process.stdout.write(`\n## ${entry.name}: ${entry.description}\n`);
  try {
    const report = await entry.run({ installPeers, progress: (text) => process.stderr.write(`  ${text}\n`) });
    process.stdout.write(`\n${tableText(report.rows)}\n`);
    for (const note of report.notes ?? []) process.stdout.write(`${note}\n`);
    process.stdout.write(`written to ${writeReport(entry, report, out)}\n`);
    return 0;
  } catch (error) {
    process.stderr.write(
      `${entry.name} failed: ${error instanceof Error ? (error instanceof CaffeError ? error.message : error.stack) : error}\n`,
    );
    return 1;
  }
}

function writeReport(entry: BenchEntry, report: Report, out: string): string {
  mkdirSync(out, { recursive: true });
  const file = join(out, `${entry.name}.json`);
  const machine = {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
  writeFileSync(
    file,
    `${JSON.stringify({ entry: entry.name, date: new Date().toISOString(), machine, ...report }, undefined, 1)}\n`,
  );
  return file;
}

function parse(args: readonly string[]) {
  const names: string[] = [];
  let installPeers = true;
  let help = false;
  let out = join('out', 'bench');
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === '--no-peers') installPeers = false;
    else if (arg === '--out') out = args[++i] ?? out;
    else if (arg === '--help' || arg === '-h') help = true;
    else names.push(arg);
  }
  return { names, installPeers, out, help };
}

function entryNamed(name: string): BenchEntry {
  const entry = entries.find((one) => one.name === name);
  if (entry !== undefined) return entry;
  const known = entries.map((one) => one.name);
  const near = nearest(name, known);
  const fix = near === undefined ? `use one of ${known.join(', ')}` : `did you mean "${near}"?`;
  throw new CaffeError({ code: 'usage', problem: `there is no benchmark "${name}"`, fix });
}
