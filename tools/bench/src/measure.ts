import { setTimeout } from 'node:timers/promises';

/** Something measured: one call does the whole work once. */
export interface Subject {
  name: string;
  run(): void | Promise<void>;
  /** Does it `count` times, where that is cheaper to ask for at once (a child process). */
  runs?(count: number): Promise<void>;
  /** Before each of its samples, not timed. */
  before?(): Promise<void>;
}

export interface MeasureOptions {
  /** Samples a subject; default 7. */
  rounds?: number;
  /** Least length of a sample: short work is repeated within one. Default 30 ms. */
  sampleSeconds?: number;
  /**
   * Milliseconds of rest before each sample, in which the idle threads of the subject before go to sleep (those of
   * ONNX Runtime and OpenMP spin for some time); then one run is not timed, which brings caches and threads back.
   * Default 0: neither.
   */
  rest?: number;
}

/**
 * Median seconds of one run of each subject. All are warmed, then take turns, forwards and backwards, so that a slow
 * spell of the machine meets them alike.
 */
export async function measure(
  subjects: readonly Subject[],
  { rounds = 7, sampleSeconds = 0.03, rest = 0 }: MeasureOptions = {},
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
      if (rest > 0) {
        await setTimeout(rest);
        await subject.run();
      }
      await subject.before?.();
      samples.get(subject)!.push((await timed(subject, count)) / count);
    }
  }
  return new Map(subjects.map((subject) => [subject.name, median(samples.get(subject)!)]));
}

async function timed(subject: Subject, count: number): Promise<number> {
  const start = performance.now();
  if (subject.runs !== undefined) await subject.runs(count);
  else {
    for (let i = 0; i < count; i++) {
      const result = subject.run();
      if (result !== undefined) await result;
    }
  }
  return (performance.now() - start) / 1000;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
