import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allBackends, type BackendKind } from '../backends.ts';
import type { BenchContext, BenchEntry, Row } from '../entry.ts';
import { median } from '../measure.ts';
import {
  growthSteps,
  inferenceSubjects,
  type Measured,
  type MemorySubject,
  trainingSubjects,
} from '../memory-subjects.ts';
import { deployedNets } from '../nets/deployed.ts';

type Prepare = (folder: string) => MemorySubject[] | Promise<MemorySubject[]>;

/** What nets take of memory: by the backend's own count, and whole processes beside peers'. */
export const memory: BenchEntry = {
  name: 'memory',
  description: 'peak memory of nets as deployed, with blobs that take turns and without, and of training steps',
  async run(context) {
    const { backends, oneDnn, notes } = await allBackends();
    const kinds: BackendKind[] = oneDnn === undefined ? ['cpu'] : ['cpu', 'onednn'];
    const backend = backends.at(-1)!;
    const works: [work: string, prepare: Prepare][] = [
      ...deployedNets.map(([work, prototxt]): [string, Prepare] => [
        work,
        (folder) => inferenceSubjects(work, prototxt, kinds, backend, folder, context),
      ]),
      ...[16, 64].map((batch): [string, Prepare] => [
        `JacintoNet11 training (CIFAR-10), batch ${batch}`,
        (folder) => trainingSubjects(batch, kinds, backend, folder),
      ]),
    ];
    const rows: Row[] = [];
    try {
      for (const [work, prepare] of works.filter(([work]) => work.includes(context.only ?? ''))) {
        context.progress(work);
        rows.push(...(await measureWork(work, prepare, context)));
      }
    } finally {
      for (const one of backends) await one.dispose();
    }
    return {
      rows,
      notes: [
        'Peaks; a ratio says how many times less. Each subject runs in a process of its own and loads the net from files.',
        'backend: what it gave away: blobs, weights, what layers keep for backward, weights packed for kernels, workspace.',
        'process: resident memory, the runtime included; PyTorch in its contiguous layout.',
        ...notes,
      ],
    };
  },
};

async function measureWork(work: string, prepare: Prepare, context: BenchContext): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-bench-'));
  try {
    const subjects = await prepare(folder);
    const samples = new Map<MemorySubject, Measured[]>(subjects.map((subject) => [subject, []]));
    const absent = new Map<MemorySubject, string>();
    for (let round = 0; round < (context.rounds ?? 1); round++) {
      for (const subject of subjects.filter((one) => !absent.has(one))) {
        const measured = await subject.measure();
        if ('absent' in measured) absent.set(subject, measured.absent);
        else samples.get(subject)!.push(measured);
      }
    }
    const results = new Map<string, Measured>();
    for (const [{ name }, list] of samples) if (list.length > 0) results.set(name, middle(list));
    return [...backendRows(work, subjects, results), ...processRows(work, subjects, results, absent)];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sample whose process is neither the largest nor the smallest. */
function middle(samples: readonly Measured[]): Measured {
  const peak = median(samples.map(({ peak }) => peak));
  return samples.toSorted((a, b) => Math.abs(a.peak - peak) - Math.abs(b.peak - peak))[0]!;
}

function backendRows(work: string, subjects: readonly MemorySubject[], results: ReadonlyMap<string, Measured>): Row[] {
  return subjects.flatMap(({ name, backendAgainst }) => {
    const measured = results.get(name);
    if (measured?.backendPeak === undefined) return [];
    const row = { work: `${work}: backend`, subject: name, bytes: measured.backendPeak, note: netText(measured) };
    return [{ ...row, ...rate(row.bytes), ...ratio(row.bytes, backendAgainst, results, 'backendPeak') }];
  });
}

function processRows(
  work: string,
  subjects: readonly MemorySubject[],
  results: ReadonlyMap<string, Measured>,
  absent: ReadonlyMap<MemorySubject, string>,
): Row[] {
  return subjects.map((subject) => {
    const row = { work: `${work}: process`, subject: subject.name };
    const measured = results.get(subject.name);
    if (measured === undefined) return { ...row, note: absent.get(subject) };
    const { peak, before, growth } = measured;
    const grown = growth === undefined ? '' : `; grows by ${mebibytes(growth.process)} MiB in ${growthSteps} steps`;
    const note = `${mebibytes(before)} MiB before the net${grown}`;
    return { ...row, bytes: peak, note, ...rate(peak), ...ratio(peak, subject.processAgainst, results, 'peak') };
  });
}

function netText({ net, growth }: Measured): string {
  const { data, diff, params, paramDiffs } = net!;
  const parts = [
    `blobs ${mebibytes(data)}`,
    ...(diff > 0 ? [`gradients ${mebibytes(diff)}`] : []),
    `weights ${mebibytes(params)}`,
    ...(paramDiffs > 0 ? [`their gradients ${mebibytes(paramDiffs)}`] : []),
  ];
  const grown = growth === undefined ? '' : `; grows by ${growth.backend} bytes in ${growthSteps} steps`;
  return `${parts.join(', ')} MiB${grown}`;
}

function rate(bytes: number): Pick<Row, 'rate' | 'unit'> {
  return { rate: bytes / 2 ** 20, unit: 'MiB' };
}

function ratio(
  bytes: number,
  against: string | undefined,
  results: ReadonlyMap<string, Measured>,
  figure: 'peak' | 'backendPeak',
): Pick<Row, 'ratio' | 'against'> {
  const other = against === undefined ? undefined : results.get(against)?.[figure];
  return other === undefined ? {} : { ratio: other / bytes, against };
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
