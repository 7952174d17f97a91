import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CaffeError, nearest } from '@jacinto/proto/errors';
import { entries } from './entries.ts';
import type { BenchContext, BenchEntry, Report } from './entry.ts';
import { tableText } from './table.ts';

const usage = `usage: npm run bench -- [NAME…] [options]

  NAME         entries to run; without one: all
  --no-peers   installs no peer; one that is absent is named as absent
  --out        folder of the JSON files (default out/bench)
  --rounds N   samples a subject (default: each entry's own, 5 to 7)
  --only TEXT  of infer, conv, data, memory: only works whose name contains it
  --layers     infer: the time of each layer, beside ONNX Runtime's
  --caffe FILE a caffe binary to measure beside us (also: JACINTO_BENCH_CAFFE)
`;

/** Runs the command line; gives the exit code. Tables go to standard output, progress to standard error. */
export async function runBench(args: readonly string[]): Promise<number> {
  let chosen: readonly BenchEntry[];
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(args);
    chosen = parsed.names.length === 0 ? entries : parsed.names.map(entryNamed);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
  const { names: _, out, help, ...settings } = parsed;
  if (help) {
    process.stdout.write(
      `${usage}\nentries:\n${entries.map(({ name, description }) => `  ${name.padEnd(12)} ${description}\n`).join('')}`,
    );
    return 0;
  }
  let code = 0;
  for (const entry of chosen) code = Math.max(code, await runEntry(entry, out, settings));
  return code;
}

async function runEntry(entry: BenchEntry, out: string, settings: Settings): Promise<number> {
  process.stdout.write(`\n## ${entry.name}: ${entry.description}\n`);
  try {
    const report = await entry.run({ ...settings, progress: (text) => process.stderr.write(`  ${text}\n`) });
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

type Settings = Omit<BenchContext, 'progress'>;

function parse(args: readonly string[]) {
  const options = {
    'no-peers': { type: 'boolean' },
    out: { type: 'string', default: join('out', 'bench') },
    rounds: { type: 'string' },
    only: { type: 'string' },
    caffe: { type: 'string', default: process.env['JACINTO_BENCH_CAFFE'] ?? '' },
    layers: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0)) {
    throw new CaffeError({ code: 'usage', problem: `--rounds is ${values.rounds}`, fix: 'use a whole number from 1' });
  }
  return {
    names: positionals,
    out: values.out,
    help: values.help ?? false,
    installPeers: !values['no-peers'],
    rounds,
    only: values.only,
    layers: values.layers ?? false,
    caffe: values.caffe === '' ? undefined : values.caffe,
  };
}

function entryNamed(name: string): BenchEntry {
  const entry = entries.find((one) => one.name === name);
  if (entry !== undefined) return entry;
  const known = entries.map((one) => one.name);
  const near = nearest(name, known);
  const fix = near === undefined ? `use one of ${known.join(', ')}` : `did you mean "${near}"?`;
  throw new CaffeError({ code: 'usage', problem: `there is no benchmark "${name}"`, fix });
}
