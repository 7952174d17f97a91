import type { Net } from '@jacinto/net';
import { has, type NetParameter, SolverParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { checkSolver, solverWarnings } from './check-solver.ts';
import { type Compat, initialTest, withTrainState } from './compat.ts';
import { iterationsPerEpoch, lastEpochsDue } from './epochs.ts';
import type { OutputValue, SolverEvent } from './events.ts';
import type { SolverFiles } from './files.ts';
import { type GradientScaling, gradientScaling, nextGradientScale } from './gradient-scale.ts';
import { iterationRates } from './iteration-rates.ts';
import { readOutputs } from './outputs.ts';
import { PaceClock } from './pace-clock.ts';
import { ParameterUpdater, type UpdateFacts } from './parameter-updater.ts';
import { checkPlugins, restorePlugins, savePlugins } from './plugin-states.ts';
import type { TestResult } from './run-test.ts';
import { emptyWindow, type SmoothedLoss, smooth } from './smoothed-loss.ts';
import { readSnapshot, writeSnapshot } from './snapshot.ts';
import { createTestNets, createTrainNet, type TestNet } from './solver-nets.ts';
import type { SolverOptions } from './solver-options.ts';
import type { SolverPlugin } from './solver-plugin.ts';
import { SolverTests, scoresOf } from './solver-tests.ts';
import type { SolverType } from './update-rules.ts';
import { yieldToEvents } from './yield-to-events.ts';

/** Where a run stands; the nets look at it while they run. */
interface Progress {
  iter: number;
  /** Drops of the learning rate so far (current_step of the solver state). */
  step: number;
  gradientScale: number;
}

interface Parts {
  param: SolverParameter;
  type: SolverType;
  net: Net;
  tests: readonly TestNet[];
  files: SolverFiles;
  progress: Progress;
  options: SolverOptions;
}

/**
 * Trains a net (Caffe: Solver). `solve()` runs to max_iter with the tests and snapshots that the solver asks for,
 * `step(n)` runs n iterations. The update of an iteration is complete before the next one begins.
 */
export class Solver {
  readonly param: SolverParameter;
  readonly type: SolverType;
  readonly net: Net;
  readonly testNets: readonly Net[];
  readonly plugins: SolverPlugin[];
  private readonly tests: SolverTests;
  private readonly updater: ParameterUpdater;
  private readonly files: SolverFiles;
  private readonly compat: Compat;
  private readonly progress: Progress;
  private readonly scaling: GradientScaling;
  private readonly iterationsPerEpoch: number | undefined;
  private readonly onEvent: (event: SolverEvent) => void;
  private window: SmoothedLoss | undefined;
  private restoredIter = 0;
  private skipsTest = false;
  /** Epochs of test_and_snapshot_last_epochs that are still to begin. */
  private lastEpochsLeft: number;
  private wantsStop = false;
  private wantsSnapshot = false;
  private warnedOfLoss = false;

  private constructor({ param, type, net, tests, files, progress, options }: Parts) {
    this.param = param;
    this.type = type;
    this.net = net;
    this.testNets = tests.map((test) => test.net);
    this.files = files;
    this.progress = progress;
    this.compat = options.compat ?? 'nvcaffe';
    this.plugins = [...(options.plugins ?? [])];
    this.onEvent = options.onEvent ?? (() => {});
    this.tests = new SolverTests(tests, {
      emit: this.onEvent,
      isStopped: () => this.wantsStop,
      withLoss: param.testComputeLoss,
    });
    this.scaling = gradientScaling(net.param);
    this.iterationsPerEpoch = iterationsPerEpoch(net, param);
    this.lastEpochsLeft = param.testAndSnapshotLastEpochs - 1;
    const updaterOptions = { scaled: this.scaling.enabled && this.scaling.adaptive, bvlc: this.compat === 'bvlc' };
    this.updater = new ParameterUpdater(options.backend, type, param, net.learnableParams, updaterOptions);
  }

  /**
   * Checks the solver and builds its nets.
   * @throws CaffeError for a solver or net that cannot be used, files that are missing, weights that do not fit.
   */
  static async create(solverParam: SolverParameter, options: SolverOptions): Promise<Solver> {
    const emit = options.onEvent ?? (() => {});
    const param = withTrainState(solverParam, options.level, options.stages);
    emit({ type: 'initializing', param });
    const type = checkSolver(param);
    checkPlugins(param, options.plugins ?? []);
    for (const message of solverWarnings(param)) emit({ type: 'warning', message });
    const files = options.files ?? (await filesOfFolder(options.baseFolder, emit));
    if (willSnapshot(param)) await files.checkWritable(param.snapshotPrefix!);
    const progress: Progress = { iter: 0, step: 0, gradientScale: 1 };
    const context = {
      ...{ backend: options.backend, registry: options.registry, baseFolder: options.baseFolder, files, emit },
      compat: options.compat ?? ('nvcaffe' as const),
      fusion: options.fusion,
      seed: param.randomSeed >= 0 ? param.randomSeed >>> 0 : undefined,
      iteration: () => progress.iter,
      gradientScale: () => progress.gradientScale,
    };
    const nets: Net[] = [];
    try {
      const net = await createTrainNet(param, context);
      nets.push(net);
      const tests = await createTestNets(param, net, context);
      nets.push(...tests.map((test) => test.net));
      emit({ type: 'ready' });
      const solver = new Solver({ param, type, net, tests, files, progress, options });
      solver.warnOfUnknownEpochs();
      for (const plugin of solver.plugins) await plugin.setUp?.(solver);
      for (const weights of options.weights ?? []) await solver.copyWeights(weights);
      if (options.snapshot !== undefined) await solver.restore(options.snapshot);
      return solver;
    } catch (error) {
      for (const net of nets) await net.dispose(); // worker threads would keep the program alive
      throw error;
    }
  }

  /** The iteration that comes next, from 0. */
  get iter(): number {
    return this.progress.iter;
  }

  get currentStep(): number {
    return this.progress.step;
  }

  /** Asks the running `solve` or `step` to end after the present iteration or test batch. */
  requestStop(): void {
    this.wantsStop = true;
  }

  /** Asks the running `solve` or `step` for a snapshot after the present iteration. */
  requestSnapshot(): void {
    this.wantsSnapshot = true;
  }

  /** Copies weights by layer name into the train net and all test nets (Caffe: --weights). */
  async copyWeights(weights: string | NetParameter): Promise<void> {
    const source = typeof weights === 'string' ? await this.files.readWeights(weights) : weights;
    if (typeof weights === 'string') this.onEvent({ type: 'finetuning', file: weights });
    const file = typeof weights === 'string' ? weights : undefined;
    // The schema's default is true, which trains on from random values unseen: here it must be said.
    const ignoreShapeMismatch = has(this.param, 'ignoreShapeMismatch') && this.param.ignoreShapeMismatch;
    const options = { file, ignoreShapeMismatch };
    for (const net of [this.net, ...this.testNets]) net.copyTrainedFrom(source, options);
  }

  /** Trains to max_iter; afterwards a snapshot, one more loss, and a test, where the solver asks for them. */
  async solve(): Promise<void> {
    const { maxIter, display, snapshot, snapshotPrefix, snapshotAfterTrain, testInterval } = this.param;
    if (maxIter === undefined) {
      throw new CaffeError({ code: 'missing', field: 'max_iter', problem: 'is missing', fix: 'say when to stop' });
    }
    this.onEvent({ type: 'solving', net: this.net.name, policy: this.param.lrPolicy! });
    try {
      await this.run(maxIter - this.iter);
      for (const plugin of this.plugins) await plugin.afterTraining?.(this);
      if (snapshotAfterTrain && snapshotPrefix !== undefined && !(snapshot > 0 && this.iter % snapshot === 0)) {
        await this.snapshot();
      }
      if (this.wantsStop) return this.onEvent({ type: 'stopped-early', iter: this.iter });
      if (display !== undefined && display > 0 && this.iter % display === 0) {
        this.smoothLoss(await this.net.forward());
        this.onEvent({ type: 'final-loss', iter: this.iter, loss: this.window!.value });
      }
      if (testInterval > 0 && this.iter > 0 && this.iter % testInterval === 0) await this.testAll();
      this.onEvent({ type: 'done', iter: this.iter });
    } finally {
      this.wantsStop = false;
    }
  }

  /** Runs `count` iterations with the tests and snapshots that fall due. */
  async step(count: number): Promise<void> {
    try {
      await this.run(count);
    } finally {
      this.wantsStop = false;
    }
  }

  private async run(count: number): Promise<void> {
    const stopIter = this.iter + count;
    const clock = new PaceClock(this.iter);
    this.window = this.window !== undefined && this.restoredIter === this.iter ? this.window : emptyWindow(this.iter);
    while (this.iter < stopIter) {
      await yieldToEvents();
      if (this.wantsStop) break;
      const scores = await clock.without(() => this.testIfDue(stopIter));
      if (this.wantsStop) break;
      await this.iterate(stopIter, clock);
      this.progress.iter++;
      const due = this.param.snapshot > 0 && this.iter % this.param.snapshot === 0;
      if (due || this.wantsSnapshot) await clock.without(() => this.snapshot());
      if (scores !== undefined) await clock.without(() => this.snapshot(scores));
    }
  }

  private async iterate(stopIter: number, clock: PaceClock): Promise<void> {
    const { param, net, progress } = this;
    for (const plugin of this.plugins) await plugin.beforeIteration?.(this);
    if (param.snapshotDiff) net.clearParamDiffs();
    let loss = 0;
    for (let i = 0; i < param.iterSize; i++) {
      loss += await net.forward();
      await net.backward();
    }
    loss /= param.iterSize;
    this.smoothLoss(loss);
    const facts = this.rates();
    await this.report(loss, facts, stopIter, clock);
    const { clipped, gradientNorm } = await this.updater.update(facts);
    if (clipped !== undefined) {
      this.onEvent({ type: 'gradients-clipped', iter: this.iter, limit: param.clipGradients, ...clipped });
    }
    for (const plugin of this.plugins) await plugin.afterUpdate?.(this);
    progress.gradientScale = nextGradientScale(this.scaling, gradientNorm);
  }

  /** The rates of the present iteration; the schedule moves on here. */
  private rates(): UpdateFacts {
    const { param, progress } = this;
    const { iter, gradientScale } = progress;
    const { step, ...rates } = iterationRates(param, this.type, { iter, step: progress.step });
    if (param.lrPolicy === 'multistep' && step !== progress.step) this.onEvent({ type: 'multistep', iter, step });
    progress.step = step;
    return { iter, gradientScale, ...rates };
  }

  private async report(loss: number, facts: UpdateFacts, stopIter: number, clock: PaceClock): Promise<void> {
    const { iter } = this;
    const interval = this.param.display ?? 0;
    const sinceStart = iter - this.restoredIter;
    const shown = interval > 0 && (iter % interval === 0 || sinceStart <= 2 || iter + 1 >= stopIter);
    this.onEvent({
      ...{
        type: 'iteration',
        ...facts,
        loss,
        smoothedLoss: this.window!.value,
        maxIter: this.param.maxIter ?? stopIter,
      },
      display: shown
        ? {
            pace: clock.lap(iter),
            warmingUp: sinceStart <= 2,
            rates: iter % interval === 0,
            outputs: await readOutputs(this.net),
            epochs: this.epochs(stopIter),
          }
        : undefined,
    });
    if (Number.isFinite(loss) || this.warnedOfLoss) return;
    this.warnedOfLoss = true;
    const message = `the loss is ${loss} from iteration ${iter} on: training has diverged; use a smaller base_lr, or clip_gradients`;
    this.onEvent({ type: 'warning', message });
  }

  private warnOfUnknownEpochs(): void {
    if (this.param.testAndSnapshotLastEpochs <= 0 || this.iterationsPerEpoch !== undefined) return;
    const message = 'test_and_snapshot_last_epochs: no data layer of the train net knows how long an epoch is';
    this.onEvent({ type: 'warning', message: `${message}; nothing is done for it` });
  }

  private epochs(stopIter: number): { done: number; total: number } | undefined {
    const size = this.iterationsPerEpoch;
    return size === undefined ? undefined : { done: this.iter / size, total: (this.param.maxIter ?? stopIter) / size };
  }

  private smoothLoss(loss: number): void {
    this.window = smooth(this.window ?? emptyWindow(this.iter), loss, this.iter, this.param.averageLoss);
  }

  /** Runs the tests that are due; gives the scores where test_and_snapshot_last_epochs wants them in a snapshot. */
  private async testIfDue(stopIter: number): Promise<OutputValue[] | undefined> {
    const { iter, compat, param, iterationsPerEpoch } = this;
    const skip = this.skipsTest;
    this.skipsTest = false;
    const scored =
      param.testAndSnapshotLastEpochs > 0 &&
      iterationsPerEpoch !== undefined &&
      lastEpochsDue({ iter, stopIter, maxIter: param.maxIter ?? stopIter, iterationsPerEpoch }, this.lastEpochsLeft);
    if (scored) this.lastEpochsLeft--;
    if (iter === 0) {
      const kind = initialTest(param, compat);
      if (kind !== 'none') await this.testAll(kind === 'full' ? undefined : 1);
    } else if (scored) {
      return scoresOf(await this.testAll());
    } else if (!skip && param.testInterval > 0 && iter % param.testInterval === 0) {
      await this.testAll();
    }
    return undefined;
  }

  /** Tests every test net, over its test_iter batches or over `batches`; undefined for those that were stopped. */
  testAll(batches?: number): Promise<(TestResult | undefined)[]> {
    return this.tests.runAll(this.iter, batches);
  }

  /** Tests one test net with the train net's weights; undefined where it was stopped. */
  test(index = 0, batches?: number): Promise<TestResult | undefined> {
    return this.tests.run(this.iter, index, batches);
  }

  /**
   * Writes a snapshot, `scores` in the name of its weights; gives the name of its .solverstate.
   * @throws CaffeError without snapshot_prefix, or on a full disk: the snapshots before it stay whole.
   */
  async snapshot(scores: readonly OutputValue[] = []): Promise<string> {
    this.wantsSnapshot = false;
    const { param, net, files, progress } = this;
    if (param.snapshotPrefix === undefined) {
      throw new CaffeError({
        code: 'missing',
        field: 'snapshot_prefix',
        problem: 'is missing: a snapshot has no name',
      });
    }
    const exact = {
      ...{ version: 1 as const, net: net.saveState(), testNets: this.testNets.map((test) => test.saveState()) },
      window: this.window ?? emptyWindow(this.iter),
      gradientScale: progress.gradientScale,
      lastEpochsLeft: this.lastEpochsLeft,
      plugins: savePlugins(this.plugins),
    };
    const { iter, step } = progress;
    return writeSnapshot(
      { net, history: this.updater.history, iter, step, exact },
      {
        prefix: param.snapshotPrefix,
        scores,
        files,
        hdf5: param.snapshotFormat === SolverParameter.SnapshotFormat.HDF5,
        oldFormat: param.storeBlobsInOldFormat,
        withDiff: param.snapshotDiff,
        onFile: (kind, file) => this.onEvent({ type: 'snapshot', kind, file }),
      },
    );
  }

  /**
   * Goes on from a .solverstate. One of Jacinto continues exactly: losses are those of a run that was never stopped.
   * One of another Caffe continues as Caffe does: data from the first record, no test before the first iteration.
   */
  async restore(file: string): Promise<void> {
    const { progress, net, testNets } = this;
    const { iter, step, exact } = await readSnapshot(file, { net, history: this.updater.history }, this.files);
    progress.iter = iter;
    progress.step = step;
    this.restoredIter = iter;
    this.skipsTest = exact === undefined && this.compat !== 'bvlc';
    this.window = exact?.window;
    if (exact !== undefined) {
      progress.gradientScale = exact.gradientScale;
      this.lastEpochsLeft = exact.lastEpochsLeft;
      net.restoreState(exact.net);
      restorePlugins(this.plugins, exact.plugins);
      if (exact.testNets.length === testNets.length)
        for (const [i, test] of testNets.entries()) test.restoreState(exact.testNets[i]!);
    }
    this.onEvent({ type: 'restored', file, iter, exact: exact !== undefined });
  }

  /** Frees the nets and the history. */
  async dispose(): Promise<void> {
    this.updater.dispose();
    for (const net of [...this.testNets, this.net]) await net.dispose();
  }
}

function willSnapshot(p: SolverParameter): boolean {
  return p.snapshotPrefix !== undefined && (p.snapshot > 0 || p.snapshotAfterTrain);
}

/** Node's files, loaded only here: a browser gives its own. */
async function filesOfFolder(folder: string | undefined, emit: (event: SolverEvent) => void): Promise<SolverFiles> {
  const { nodeFiles } = await import('./node-files.ts');
  return nodeFiles(folder, (file, result) => emit({ type: 'upgraded', file, result }));
}
