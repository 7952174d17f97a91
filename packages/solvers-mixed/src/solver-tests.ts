import { CaffeError } from '@jacinto/proto/errors';
import type { OutputValue, SolverEvent } from './events.ts';
import { runTest, type TestResult } from './run-test.ts';
import type { TestNet } from './solver-nets.ts';

export interface SolverTestsOptions {
  emit: (event: SolverEvent) => void;
  /** Whether the test should end now. */
  isStopped: () => boolean;
  /** test_compute_loss. */
  withLoss: boolean;
}

/** The test nets of a solver, and how they are run (Caffe: Solver::TestAll, Test). */
export class SolverTests {
  readonly tests: readonly TestNet[];
  private readonly options: SolverTestsOptions;

  constructor(tests: readonly TestNet[], options: SolverTestsOptions) {
    this.tests = tests;
    this.options = options;
  }

  /** Tests every net, over its test_iter batches or over `batches`; those that were stopped give undefined. */
  async runAll(iter: number, batches?: number): Promise<(TestResult | undefined)[]> {
    const results: (TestResult | undefined)[] = [];
    if (this.tests.length === 0) return results;
    const { emit, isStopped } = this.options;
    const initial = batches !== undefined;
    emit({ type: 'tests-started', iter, initial });
    const begin = performance.now();
    for (let index = 0; index < this.tests.length && !isStopped(); index++) {
      results.push(await this.run(iter, index, batches));
    }
    const seconds = (performance.now() - begin) / 1000;
    if (!isStopped()) emit({ type: 'tests-completed', iter, initial, seconds });
    return results;
  }

  /** Tests one net with the train net's weights. @throws CaffeError where there is no such net. */
  async run(
    iter: number,
    index: number,
    batches = this.netAt(index).source.iterations,
  ): Promise<TestResult | undefined> {
    const { emit, isStopped, withLoss } = this.options;
    const { net } = this.netAt(index);
    emit({ type: 'testing', iter, net: index, batches });
    const before = net.saveState();
    const result = await runTest(net, {
      batches,
      isStopped,
      onBatch: (batch) => emit({ type: 'test-batch', iter, net: index, batch, batches }),
    });
    if (result === undefined) {
      net.restoreState(before); // a resumed run then tests as an uninterrupted one would have
      emit({ type: 'test-interrupted', iter, net: index });
      return undefined;
    }
    emit({ type: 'tested', iter, net: index, outputs: result.outputs, loss: withLoss ? result.loss : undefined });
    return result;
  }

  private netAt(index: number): TestNet {
    const test = this.tests[index];
    if (test !== undefined) return test;
    throw new CaffeError({
      code: 'bad-value',
      problem: `there is no test net ${index}: the solver has ${this.tests.length}`,
    });
  }
}

/** The outputs of all test nets one after the other: the scores that name a snapshot. */
export function scoresOf(results: readonly (TestResult | undefined)[]): OutputValue[] {
  return results.flatMap((result) => result?.outputs ?? []);
}
