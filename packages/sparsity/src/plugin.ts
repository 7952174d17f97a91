import { CaffeError, type SolverParameter, SparseMode } from '@jacinto/proto';
import { channelsOf, countZeros } from './convolution.ts';
import type { SparsityEvent } from './events.ts';
import { excluder } from './exclude.ts';
import { applyMask, type Mask, maskFromText, maskOf, maskText } from './mask.ts';
import { type Method, sparsify } from './methods.ts';
import { type InduceEvent, induceParameter, induceSchedule, type Schedule, type ScheduleState } from './schedule.ts';
import { sparsityTable } from './table.ts';
import { type RunningConvolution, runningConvolutions, type TrainedNet, type TrainedSolver } from './trained.ts';

export interface SparsityOptions {
  /** Layers to leave alone, by name; a * stands for any letters. */
  exclude?: readonly string[];
  /** Which weights become 0 first; default { kind: 'channel' }. */
  method?: Method;
  /** When and how far; default the original's, by the solver's fields. */
  schedule?: Schedule;
  /**
   * 'caffe-jacinto-0.17': the search looks at the weights before the mask is applied, so that zeros can come back;
   * neither masks nor factor are kept in snapshots; the last event comes after the last snapshot inside the loop.
   */
  compat?: 'caffe-jacinto-0.17';
  onEvent?: (event: SparsityEvent) => void;
}

/** What a snapshot keeps; plain JSON. */
export interface SparsityState {
  version: 1;
  schedule: ScheduleState;
  /** By layer: the mask's bits in base64. */
  masks: Record<string, string>;
}

/** A plug-in for a solver of these fields; undefined where they ask for nothing. @throws CaffeError for bad values. */
export function sparsityPlugin(param: SolverParameter, options: SparsityOptions = {}): SparsityPlugin | undefined {
  const isSparse = param.sparseMode !== SparseMode.SPARSE_NONE;
  return isSparse || param.displaySparsity > 0 ? new SparsityPlugin(param, options) : undefined;
}

/**
 * Makes convolution weights 0 while a solver trains, and keeps them so (caffe-jacinto: sparse_mode). Its methods are
 * the hooks: `beforeIteration`, `afterUpdate` (before the iteration is counted up), `afterTraining` (before the final
 * snapshot), `saveState` and `restoreState`. Zeros of weights that training starts with are kept from the beginning.
 */
export class SparsityPlugin {
  readonly name = 'sparsity';
  private readonly param: SolverParameter;
  private readonly options: SparsityOptions;
  private readonly isSparse: boolean;
  private readonly schedule: Schedule;
  private state: ScheduleState;
  private masks: Map<string, Mask> | undefined;
  private saved: SparsityState | undefined;
  private isExcluded: (layer: string) => boolean = () => false;
  private finishedAt: number | undefined;

  /** @throws CaffeError for fields out of range. */
  constructor(param: SolverParameter, options: SparsityOptions = {}) {
    this.param = param;
    this.options = options;
    this.isSparse = param.sparseMode !== SparseMode.SPARSE_NONE;
    this.schedule = options.schedule ?? induceSchedule(induceParameter(param));
    this.state = this.schedule.initial;
  }

  /** Factor of the next event. */
  get factor(): number {
    return this.state.factor;
  }

  /** Starts, the first time: masks from the present zeros, or from a restored state. */
  async beforeIteration(solver: TrainedSolver): Promise<void> {
    if (this.isSparse && this.masks === undefined) await this.start(solver.net);
  }

  /** Makes zeros where due, applies the masks, shows the table. */
  async afterUpdate(solver: TrainedSolver): Promise<void> {
    if (this.isSparse) {
      if (this.masks === undefined) await this.start(solver.net);
      await this.thresholdNet(solver.net, solver.iter);
    }
    const { displaySparsity } = this.param;
    if (displaySparsity > 0 && solver.iter % displaySparsity === 0) await this.showTable(solver, 'update', solver.iter);
    // The last event must not come after a snapshot: none would hold it.
    if (this.options.compat === undefined && solver.iter + 1 === solver.param.maxIter) {
      await this.finish(solver, solver.iter + 1);
    }
  }

  /** After the last iteration. By default the work is done by then, unless training was stopped before max_iter. */
  async afterTraining(solver: TrainedSolver): Promise<void> {
    if (this.options.compat !== undefined && this.finishedAt !== solver.iter) await this.finish(solver, solver.iter);
  }

  /** What a snapshot must keep for training to go on exactly; undefined under compat, and where there is nothing. */
  saveState(): SparsityState | undefined {
    if (this.options.compat !== undefined || this.masks === undefined) return undefined;
    const masks = [...this.masks].map(([layer, mask]) => [layer, maskText(mask)] as const);
    return { version: 1, schedule: this.state, masks: Object.fromEntries(masks) };
  }

  /** Goes on from a saved state; layers that it does not name get their masks from their zeros. */
  restoreState(state: SparsityState): void {
    if (this.options.compat !== undefined) return;
    if (state.version !== 1 || typeof state.schedule?.factor !== 'number' || typeof state.masks !== 'object') {
      throw new CaffeError({
        code: 'bad-file',
        problem: 'the saved sparsity state is not of a form this version reads',
        fix: 'resume with the version that wrote the snapshot',
      });
    }
    this.state = state.schedule;
    this.saved = state;
    this.masks = undefined;
  }

  /** Applies the masks to another net with the same layers: a replica's. */
  async maskNet(net: TrainedNet): Promise<void> {
    this.applyMasks(await runningConvolutions(net));
  }

  private async start(net: TrainedNet): Promise<void> {
    const all = await runningConvolutions(net);
    if (all.length === 0 && this.options.compat === undefined) {
      throw new CaffeError({
        code: 'bad-value',
        field: 'sparse_mode',
        problem: 'is on, but the net has no Convolution layer',
        fix: 'remove sparse_mode: only weights of convolutions are made sparse',
      });
    }
    this.isExcluded = excluder(
      this.options.exclude ?? [],
      all.map(({ layer }) => layer),
    );
    this.store(all);
    const { saved } = this;
    if (saved === undefined) return;
    for (const { layer, values } of all) {
      const text = Object.hasOwn(saved.masks, layer) ? saved.masks[layer] : undefined;
      if (text === undefined || this.isExcluded(layer)) continue;
      try {
        this.masks!.set(layer, maskFromText(text, values.length));
      } catch (error) {
        throw error instanceof CaffeError ? error.with({ layer }) : error;
      }
    }
  }

  private async thresholdNet(net: TrainedNet, iter: number): Promise<void> {
    const convolutions = await runningConvolutions(net);
    if (this.schedule.isDue(iter)) {
      const achieved = sparsityTable(convolutions, this.masks!).sparsity;
      const { state, event } = this.schedule.next(this.state, { iter, achieved });
      this.state = state;
      if (event !== undefined) this.makeZeros(convolutions, event);
    }
    this.applyMasks(convolutions);
  }

  private makeZeros(convolutions: readonly RunningConvolution[], event: InduceEvent): void {
    const { compat, method } = this.options;
    const { iter, factor, achieved } = event;
    this.emit({ type: 'finding', iter, target: Math.fround(this.param.sparsityTarget), factor, achieved });
    if (compat === undefined) this.applyMasks(convolutions); // zeros once made stay
    const caps = { maxRatio: this.param.sparsityThresholdMaxratio, valueMax: this.param.sparsityThresholdValueMax };
    for (const convolution of convolutions) {
      const { layer, tensor, values } = convolution;
      if (this.isExcluded(layer)) continue;
      this.emit({ type: 'layer', layer, ...channelsOf(convolution) });
      if (!sparsify(convolution, event.fractions, { ...caps, method })) continue;
      tensor.data.hostUpdate();
      this.emit({ type: 'thresholded', layer, fraction: Math.fround(countZeros(values) / values.length) });
    }
    this.store(convolutions);
  }

  private store(convolutions: readonly RunningConvolution[]): void {
    const kept = convolutions.filter(({ layer }) => !this.isExcluded(layer));
    this.masks = new Map(kept.map(({ layer, values }) => [layer, maskOf(values)]));
    this.emit({ type: 'frozen' });
  }

  private applyMasks(convolutions: readonly RunningConvolution[]): void {
    for (const { layer, tensor, values } of convolutions) {
      const mask = this.masks?.get(layer);
      if (mask === undefined || !mask.includes(0)) continue;
      tensor.data.hostUpdate(); // tells a backend with a copy of its own that it is stale
      applyMask(values, mask);
    }
  }

  /** The end of training: one more event where one is due at max_iter, and the last table. */
  private async finish(solver: TrainedSolver, iter: number): Promise<void> {
    this.finishedAt = iter;
    if (this.isSparse && this.masks !== undefined) await this.thresholdNet(solver.net, iter);
    if (this.param.displaySparsity > 0) await this.showTable(solver, 'training', iter);
  }

  private async showTable(solver: TrainedSolver, when: 'update' | 'training', iter: number): Promise<void> {
    this.emit({ type: 'table', when, iter, table: sparsityTable(await runningConvolutions(solver.net)) });
  }

  private emit(event: SparsityEvent): void {
    this.options.onEvent?.(event);
  }
}
