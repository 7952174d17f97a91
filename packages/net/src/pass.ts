import type { FillOperation, Tensor } from '@jacinto/core-tensor';
import { Phase } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { additionsOf, type FusedAddition } from './addition.ts';
import { AdditionSwitch } from './addition-switch.ts';
import { debugBackward, debugBackwardEnd, debugForward } from './debug-info.ts';
import type { NetEvent } from './events.ts';
import type { Fusion } from './fusion.ts';
import { FusionSwitch } from './fusion-switch.ts';
import { andThen, inOrder, isPromise } from './later.ts';
import { atLayer } from './layer-place.ts';
import { memoryOf } from './memory.ts';
import type { Net } from './net.ts';
import { type NetLayer, paramOf } from './net-layer.ts';
import { type NetPlan, plannedMemory, planSteps } from './plan.ts';
import type { NetPlugin } from './plugin.ts';
import { type Lifetime, lifetimesOf, SharedBuffers } from './shared-buffers.ts';
import { type Stretch, stretchesOf } from './stretches.ts';

/** What a pass keeps of a layer. */
interface Step {
  /** Shapes of the bottoms when the layer was last reshaped; a tensor's shape array is a new one when it changes. */
  seen: (readonly number[])[];
  /** Tops with a loss weight. */
  losses: { top: Tensor; weight: number; fill: FillOperation; count: number }[];
}

export interface PassOptions {
  fusion: boolean;
  reuseBuffers: boolean;
  /** Blobs that outlive a pass. */
  keeps: (blob: string) => boolean;
}

/** Runs a net's layers forward and backward, with hooks and debug lines. */
export class NetPass {
  debugInfo: boolean;
  private readonly net: Net;
  private readonly plugins: readonly NetPlugin[];
  private readonly emit: (event: NetEvent) => void;
  private readonly steps: Step[];
  private readonly fusions: FusionSwitch;
  private readonly additions: AdditionSwitch;
  private readonly lifetimes: () => Lifetime[];
  /** Where blobs take turns in memory; in a net that only runs forward. */
  private readonly buffers: SharedBuffers | undefined;
  private reshaped = true;
  /** Layers that run as a whole, by the first one's index; undefined: to be found anew. None where backward may follow. */
  private stretches: readonly (Stretch | undefined)[] | undefined;
  /** The switches' changes that the stretches take account of. */
  private switched = 0;
  private hooksForward = false;
  private hooksBackward = false;

  constructor(net: Net, plugins: readonly NetPlugin[], emit: (event: NetEvent) => void, options: PassOptions) {
    this.net = net;
    this.plugins = plugins;
    this.emit = emit;
    this.debugInfo = net.param.debugInfo;
    this.steps = net.layers.map((layer) => ({ seen: layer.bottoms.map(({ shape }) => shape), losses: [] }));
    this.fusions = new FusionSwitch(options.fusion ? net.layers : []);
    const additions = options.fusion ? additionsOf(net.layers, options.keeps) : [];
    // Their own tops stay empty: for nets in which nobody reads them.
    this.additions = new AdditionSwitch(options.reuseBuffers ? additions : []);
    this.lifetimes = () => lifetimesOf(net.layers, options.keeps, writtenBefore(additions));
    if (options.reuseBuffers) this.buffers = new SharedBuffers(net.backend.host, this.lifetimes);
    for (const layer of net.layers) this.fillLossDiffs(layer);
    if (this.buffers !== undefined) this.updateBuffers(this.buffers);
  }

  get possibleFusions(): readonly Fusion[] {
    return this.fusions.all.map(({ fusion }) => fusion);
  }

  plan(): NetPlan {
    const { layers, backend } = this.net;
    const steps = planSteps(layers, this.fusions, this.additions, (layer) => this.reshapeLayer(layer));
    return { backend: backend.name, steps, memory: plannedMemory(steps, this.lifetimes()) };
  }

  pluginsChanged(): void {
    const hooksForward = (plugin: NetPlugin) => plugin.beforeLayerForward ?? plugin.afterLayerForward;
    const hooksBackward = (plugin: NetPlugin) => plugin.beforeLayerBackward ?? plugin.afterLayerBackward;
    this.hooksForward = this.plugins.some(hooksForward);
    this.hooksBackward = this.plugins.some(hooksBackward);
    const looking = this.plugins.filter((plugin) => plugin.ignoresBlobs !== true);
    this.additions.watched = looking.length > 0;
    if (looking.length > 0) this.buffers?.end();
    this.fusions.watched = {
      forward: looking.some(hooksForward),
      backward: looking.some((plugin) => hooksBackward(plugin) ?? plugin.afterBackward),
    };
  }

  forward(from: number, to: number): number | Promise<number> {
    const { net, plugins } = this;
    this.fusions.beforeForward(from, to, this.debugInfo);
    this.additions.beforeForward(from, to, this.debugInfo);
    const switched = this.fusions.changes + this.additions.changes;
    if (switched !== this.switched) this.stretches = undefined;
    this.switched = switched;
    if (from === 0 && this.reshaped && this.buffers !== undefined) this.updateBuffers(this.buffers);
    if (plugins.length === 0) return this.forwardFrom(from, to, 0);
    return andThen(
      inOrder(plugins.length, (i) => plugins[i]!.beforeForward?.(net)),
      () =>
        andThen(this.forwardFrom(from, to, 0), (loss) =>
          andThen(
            inOrder(plugins.length, (i) => plugins[i]!.afterForward?.(net, loss)),
            () => loss,
          ),
        ),
    );
  }

  backward(from: number, to: number): void | Promise<void> {
    const { net, plugins } = this;
    if (this.buffers !== undefined) {
      throw new CaffeError({
        code: 'unsupported',
        problem: 'the net was built with reuseBuffers: its blobs hold nothing that backward could use',
        fix: 'build it without',
      });
    }
    this.fusions.beforeBackward(from, to, this.debugInfo);
    const ran = this.backwardFrom(Math.min(to, net.layers.length - 1), from);
    if (plugins.length === 0 && !this.debugInfo) return ran;
    return andThen(ran, () =>
      andThen(this.debugInfo ? debugBackwardEnd(net.learnableParams, this.emit) : undefined, () =>
        inOrder(plugins.length, (i) => plugins[i]!.afterBackward?.(net)),
      ),
    );
  }

  reshapeLayer(netLayer: NetLayer): void {
    const { layer, bottoms, tops, index } = netLayer;
    try {
      layer.reshape(bottoms, tops);
    } catch (error) {
      throw atLayer(paramOf(netLayer), error);
    }
    this.reshaped = true;
    this.stretches = undefined;
    const { seen } = this.steps[index]!;
    for (let i = 0; i < bottoms.length; i++) seen[i] = bottoms[i]!.shape;
    this.additions.reshaped(index);
  }

  /** Frees the memories in which blobs take turns. */
  dispose(): void {
    this.buffers?.end();
  }

  /** Every layer is reshaped before its next forward, for what it prepared may hold an old seed. */
  reshapeAllNext(): void {
    for (const { seen } of this.steps) seen.length = 0;
    this.stretches = undefined;
    for (const layer of this.net.layers) if (layer.bottoms.length === 0) this.reshapeLayer(layer);
  }

  private updateBuffers(buffers: SharedBuffers): void {
    this.reshaped = false;
    const alone = memoryOf(this.net.layers, []).data;
    if (buffers.update()) this.emit({ type: 'buffers-reused', bytes: memoryOf(this.net.layers, []).data, alone });
  }

  private forwardFrom(from: number, to: number, before: number): number | Promise<number> {
    const { layers } = this.net;
    const observed = this.hooksForward || this.debugInfo;
    const stretches = observed ? [] : this.presentStretches();
    let loss = before;
    for (let i = from; i <= to && i < layers.length; i++) {
      const stretch = stretches[i];
      if (stretch !== undefined && stretch.last <= to) {
        this.forwardStretch(stretch);
        i = stretch.last;
        continue;
      }
      const layer = layers[i]!;
      const own = observed ? this.forwardObserved(layer) : this.forwardLayer(layer);
      if (typeof own === 'number') loss += own;
      else return own.then((value) => this.forwardFrom(i + 1, to, loss + value));
    }
    return loss;
  }

  private presentStretches(): readonly (Stretch | undefined)[] {
    const { layers, backend, phase } = this.net;
    const isDone = (index: number) => this.fusions.leavesOutForward(index) || this.additions.leavesOut(index);
    const some = backend.record !== undefined && phase === Phase.TEST;
    this.stretches ??= some ? stretchesOf(layers, isDone) : [];
    return this.stretches;
  }

  private forwardStretch(stretch: Stretch): void {
    const { layers, backend } = this.net;
    if (stretch.repeat()) return;
    stretch.record(backend, () => {
      for (let i = stretch.first; i <= stretch.last; i++) this.forwardLayer(layers[i]!);
    });
  }

  private backwardFrom(to: number, from: number): void | Promise<void> {
    const { layers } = this.net;
    for (let i = to; i >= from; i--) {
      const layer = layers[i]!;
      const pending = this.hooksBackward ? this.backwardObserved(layer) : this.backwardLayer(layer);
      if (isPromise(pending)) return pending.then(() => this.backwardFrom(i - 1, from));
    }
  }

  /** One layer: reshape where needed, forward, its share of the loss. */
  private forwardLayer(netLayer: NetLayer): number | Promise<number> {
    const { layer, bottoms, tops } = netLayer;
    try {
      if (layer.reshapesEachForward() || this.isReshaped(netLayer)) this.reshapeLayer(netLayer);
      const { index } = netLayer;
      const leftOut = this.fusions.leavesOutForward(index) || this.additions.leavesOut(index);
      const pending = leftOut ? undefined : layer.forward(bottoms, tops);
      if (!isPromise(pending)) return this.lossOf(netLayer);
      return pending.then(
        () => this.lossOf(netLayer),
        (error: unknown) => {
          throw atLayer(paramOf(netLayer), error);
        },
      );
    } catch (error) {
      throw atLayer(paramOf(netLayer), error);
    }
  }

  private async forwardObserved(netLayer: NetLayer): Promise<number> {
    for (const plugin of this.plugins) await plugin.beforeLayerForward?.(netLayer, this.net);
    const loss = await this.forwardLayer(netLayer);
    for (const plugin of this.plugins) await plugin.afterLayerForward?.(netLayer, this.net);
    if (this.debugInfo) await debugForward(netLayer, this.net.params, this.emit);
    return loss;
  }

  private async backwardObserved(netLayer: NetLayer): Promise<void> {
    for (const plugin of this.plugins) await plugin.beforeLayerBackward?.(netLayer, this.net);
    await this.backwardLayer(netLayer);
    for (const plugin of this.plugins) await plugin.afterLayerBackward?.(netLayer, this.net);
  }

  private isReshaped({ bottoms, index }: NetLayer): boolean {
    const { seen } = this.steps[index]!;
    for (let i = 0; i < bottoms.length; i++) if (bottoms[i]!.shape !== seen[i]) return true;
    return false;
  }

  private lossOf(netLayer: NetLayer): number | Promise<number> {
    const { losses } = this.steps[netLayer.index]!;
    if (losses.length === 0) return 0;
    let loss = 0;
    const done = inOrder(losses.length, (i) => {
      const { top, weight } = losses[i]!;
      return andThen(top.data.read(), (values) => {
        for (let k = 0; k < values.length; k++) loss += weight * values[k]!;
      });
    });
    return andThen(done, () => loss);
  }

  private backwardLayer(netLayer: NetLayer): void | Promise<void> {
    if (!netLayer.needsBackward) return;
    const { layer, tops, bottoms, propagateDown } = netLayer;
    this.fillLossDiffs(netLayer);
    if (this.fusions.leavesOutBackward(netLayer.index)) return;
    let pending: void | Promise<void>;
    try {
      pending = layer.backward(tops, propagateDown, bottoms);
    } catch (error) {
      throw atLayer(paramOf(netLayer), error);
    }
    if (isPromise(pending)) {
      pending = pending.then(undefined, (error: unknown) => {
        throw atLayer(paramOf(netLayer), error);
      });
    }
    if (!this.debugInfo) return pending;
    return andThen(pending, () => debugBackward(netLayer, this.emit));
  }

  /**
   * The gradient of a loss is its weight (Caffe: SetLossWeights). Filled before each backward, since the layer that
   * made the top may be reshaped, or may use the same memory for its own gradient (Split).
   */
  private fillLossDiffs({ tops, lossWeights, index }: NetLayer): void {
    const { losses } = this.steps[index]!;
    if (losses.length === 0 && lossWeights.some((weight) => weight !== 0)) {
      tops.forEach((top, j) => {
        const weight = lossWeights[j]!;
        const { count } = top;
        if (weight !== 0) losses.push({ top, weight, count, fill: this.net.backend.fill({ count }) });
      });
    }
    for (const loss of losses) {
      if (loss.count !== loss.top.count) {
        loss.count = loss.top.count;
        loss.fill = this.net.backend.fill({ count: loss.count });
      }
      loss.fill.run(loss.weight, loss.top.diff);
    }
  }
}

/** The layer that may write a sum before the layer whose top it is. */
function writtenBefore(additions: readonly FusedAddition[]): ReadonlyMap<Tensor, number> {
  return new Map(additions.map(({ sum, producer }) => [sum, producer.index]));
}
