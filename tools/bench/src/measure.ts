/** Something measured: one call does the whole work once. */
export interface Subject {
  name: string;
  run(): void | Promise<void>;
}

export interface MeasureOptions {
  /** Samples a subject; default 7. */
  rounds?: number;
  /** Least length of a sample: short work is repeated within one. Default 30 ms. */
  sampleSeconds?: number;
}

/**
 * Median seconds of one run of each subject. All are warmed, then take turns, forwards and backwards, so that a slow
 * spell of the machine meets them alike.
 */
export async function measure(
  subjects: readonly Subject[],
  { rounds = 7, sampleSeconds = 0.03 }: MeasureOptions = {},
): Promise<Map<string, number>> {
  const repeats = new Map<Subject, number>();
  const samples = new Map<Subject, number[]>();
  for (const subject of subjects) {
    const first = await timed(subject, 1); // warm-up: compilers, caches, lazy memory
    const second = first > 10 * sampleSeconds ? first : await timed(subject, 1);
    repeats.set(subject, Math.max(1, Math.ceil(sampleSeconds / Math.max(second, 1e-7))));
    samples.set(subject, []);
  }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? subjects : [...subjects].reverse();
    for (const subject of order) {
      const count = repeats.get(subject)!;
      samples.get(subject)!.push((await timed(subject, count)) / count);
    }
  }
  return new Map(subjects.map((subject) => [subject.name, median(samples.get(subject)!)]));
}

async function timed(subject: Subject, count: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < count; i++) {
    const result = subject.run();
    if (result !== undefined) await result;
  }
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
