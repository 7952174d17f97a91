import type { Backend, FillOperation, Tensor } from '@jacinto/core-tensor';
import { type NetParameter, Phase } from '@jacinto/proto';
import { CaffeError, unknownName } from '@jacinto/proto/errors';
import { build, disposeAll, type NetParts, upToDate } from './build.ts';
import type { NetEvent } from './events.ts';
import { type Fusion, fusionForbidden } from './fusion.ts';
import { andThen, inOrder } from './later.ts';
import type { LayerState } from './layer.ts';
import { memoryOf, type NetMemory } from './memory.ts';
import { automaticTop, type NetLayer } from './net-layer.ts';
import type { NetOptions } from './net-options.ts';
import type { NetParam } from './params.ts';
import { NetPass } from './pass.ts';
import type { NetPlan } from './plan.ts';
import type { NetPlugin } from './plugin.ts';
import { type ToProtoOptions, toProto } from './to-proto.ts';
import { type CopyOptions, copyTrained, shareTrained } from './weights.ts';

/** An input or output of a net. */
export interface NetBlob {
  name: string;
  tensor: Tensor;
  /** 0 for blobs that are no loss. */
  lossWeight: number;
}

/** Part of a net: layers by name or index, both included. */
export interface Range {
  from?: string | number;
  to?: string | number;
}

/** What a net keeps between iterations besides its weights; plain JSON. */
export interface SavedNetState {
  forwardCount: number;
  seed: number;
  /** By layer name; layers without state are left out. */
  layers: Record<string, LayerState>;
}

/** A net (Caffe: Net): layers, their blobs, forward and backward, and its weights. Made by `Net.create`. */
export class Net {
  readonly backend: Backend;
  /** The net's message after filtering, before splits were inserted. */
  readonly param: NetParameter;
  readonly phase: number;
  readonly layers: readonly NetLayer[];
  /** All blobs by name, in the order of their making. */
  readonly blobs: ReadonlyMap<string, Tensor>;
  /** Tops of Input layers. */
  readonly inputs: readonly NetBlob[];
  /** Blobs that no layer reads, in alphabetical order. */
  readonly outputs: readonly NetBlob[];
  /** All learned blobs, shared ones too. */
  readonly params: readonly NetParam[];
  /** Those that own their values, in creation order: the order of a solver's history. */
  readonly learnableParams: readonly NetParam[];
  private readonly parts: NetParts;
  private readonly pass: NetPass;
  private readonly plugins: NetPlugin[] = [];
  /** By the number of values. */
  private readonly fills = new Map<number, FillOperation>();
  private readonly emit: (event: NetEvent) => void;

  /**
   * Builds a net: filters layers by state, inserts splits, makes the layers and their blobs, fills weights.
   * @throws CaffeError naming layer, file and line.
   */
  static async create(param: NetParameter, options: NetOptions): Promise<Net> {
    const parts = await build(param, options);
    let net: Net;
    try {
      net = new Net(parts, options);
    } catch (error) {
      await disposeAll(parts);
      throw error;
    }
    if (options.weightsFrom !== undefined) {
      try {
        net.shareTrainedWith(options.weightsFrom);
      } catch (error) {
        await net.dispose();
        throw error;
      }
    }
    return net;
  }

  private constructor(parts: NetParts, options: NetOptions) {
    const { param, layers, blobs, params, graph } = parts;
    this.parts = parts;
    this.backend = options.backend;
    this.emit = options.onEvent ?? (() => {});
    this.param = param;
    this.phase = param.state!.phase;
    this.layers = layers;
    this.blobs = blobs;
    this.params = params.all;
    this.learnableParams = params.learnable;
    const asBlob = (name: string): NetBlob => ({
      name,
      tensor: blobs.get(name)!,
      lossWeight: lossWeight(layers, name),
    });
    this.inputs = graph.inputs.map(asBlob);
    this.outputs = graph.outputs.map(asBlob);
    this.pass = new NetPass(this, this.plugins, this.emit, {
      fusion: options.fusion ?? (options.compat === undefined && !fusionForbidden()),
      reuseBuffers: reusesBuffers(parts, options),
      keeps: keptBlobs(parts, options),
    });
  }

  get name(): string {
    return this.param.name ?? '';
  }

  /** Seed of the net's random numbers. */
  get seed(): number {
    return this.parts.state.seed;
  }

  /** Forward passes that have run. */
  get forwardCount(): number {
    return this.parts.state.forwardCount;
  }

  /** Whether forward and backward emit 'debug-info' lines; at first as `debug_info` of the prototxt says. */
  get debugInfo(): boolean {
    return this.pass.debugInfo;
  }

  set debugInfo(on: boolean) {
    this.pass.debugInfo = on;
  }

  /** @throws CaffeError 'unknown-name' naming the nearest blob. */
  blob(name: string): Tensor {
    const tensor = this.blobs.get(name);
    if (tensor === undefined) throw unknownName('blob', name, [...this.blobs.keys()]);
    return tensor;
  }

  /** @throws CaffeError 'unknown-name' naming the nearest layer. */
  layer(name: string): NetLayer {
    const found = this.layers.find((layer) => layer.name === name);
    if (found === undefined)
      throw unknownName(
        'layer',
        name,
        this.layers.map((layer) => layer.name),
      );
    return found;
  }

  /**
   * Runs the layers in order and gives the loss: Σ top · loss_weight. A layer's `reshape` is called where the shape
   * of a bottom has changed. Synchronous, and a number, where no layer, plug-in or backend needs to wait.
   */
  forward(range: Range = {}): number | Promise<number> {
    const [from, to] = this.range(range);
    return andThen(this.pass.forward(from, to), (loss) => {
      if (to === this.layers.length - 1) this.parts.state.forwardCount++;
      return loss;
    });
  }

  /**
   * Runs backward, from the last layer (`to`) to the first (`from`), for those layers that need it: gradients of blobs
   * are overwritten, those of params added to.
   */
  backward(range: Range = {}): void | Promise<void> {
    const [from, to] = this.range(range);
    return this.pass.backward(from, to);
  }

  /** Sets the gradients of all params to 0. */
  clearParamDiffs(): void {
    for (const { tensor } of this.learnableParams) {
      if (!tensor.diff.isAllocated) continue;
      const { count } = tensor;
      const fill = this.fills.get(count) ?? this.backend.fill({ count });
      this.fills.set(count, fill);
      fill.run(0, tensor.diff);
    }
  }

  /** Gives all blobs the shapes that follow from the inputs' shapes; forward does so too where needed. */
  reshape(): void {
    for (const layer of this.layers) this.pass.reshapeLayer(layer);
  }

  /** What must be kept, besides weights, for a run to continue exactly. */
  saveState(): SavedNetState {
    const layers: Record<string, LayerState> = {};
    for (const { name, layer } of this.layers) {
      const state = layer.saveState();
      if (state !== undefined) layers[name] = state;
    }
    return { forwardCount: this.forwardCount, seed: this.seed, layers };
  }

  /** Takes up a saved state. Layers that it does not name keep theirs. */
  restoreState({ forwardCount, seed, layers }: SavedNetState): void {
    Object.assign(this.parts.state, { forwardCount, seed });
    for (const { name, layer } of this.layers) {
      const state = Object.hasOwn(layers, name) ? layers[name] : undefined;
      if (state !== undefined) layer.restoreState(state);
    }
    this.pass.reshapeAllNext();
  }

  /** Copies weights by layer name. @throws CaffeError where they do not fit (see `CopyOptions`). */
  copyTrainedFrom(weights: NetParameter, options: CopyOptions = {}): void {
    copyTrained(this.layers, upToDate(weights), options, this.emit);
  }

  /** Uses another net's weights from now on, by layer name. @throws CaffeError where shapes differ. */
  shareTrainedWith(other: Net): void {
    shareTrained(this.layers, other.layers, this.emit);
  }

  /**
   * The net with its weights as a message: all layers, splits too, but not the net's `state` or defaults, as Caffe
   * writes it. On backends that cannot be read at once, await `readParams()` first.
   */
  toProto(options: ToProtoOptions = {}): NetParameter {
    const message = toProto(this.param, this.layers, options);
    for (const plugin of this.plugins) plugin.onSave?.(message, this);
    return message;
  }

  /** Brings the params' values (and gradients, where `diff`) to the host. */
  readParams({ diff = false }: { diff?: boolean } = {}): void | Promise<void> {
    return inOrder(this.params.length, (i) => {
      const { tensor } = this.params[i]!;
      return andThen(tensor.data.read(), () => (diff ? tensor.diff.read() : undefined));
    });
  }

  /** Adds a plug-in; hooks run in the order in which plug-ins were added. */
  use(plugin: NetPlugin): this {
    this.plugins.push(plugin);
    this.pass.pluginsChanged();
    return this;
  }

  /**
   * What the net does in a whole pass at its present shapes, layer by layer: operations, fusions, memory. It prepares
   * all layers anew, so do not ask between forward and backward.
   */
  plan(): NetPlan {
    return this.pass.plan();
  }

  /** ReLU layers whose work other layers can do; whether they do depends on the pass. */
  get fusions(): readonly Fusion[] {
    return this.pass.possibleFusions;
  }

  /** Bytes of blobs and params, each memory counted once. */
  get memoryBytes(): NetMemory {
    return memoryOf(this.layers, this.learnableParams);
  }

  /** Frees memory, closes files, ends workers of layers. The net is then unusable. */
  dispose(): Promise<void> {
    this.pass.dispose();
    return disposeAll(this.parts);
  }

  private range({ from = 0, to = this.layers.length - 1 }: Range): [number, number] {
    return [this.indexOf('from', from), this.indexOf('to', to)];
  }

  private indexOf(field: string, at: string | number): number {
    if (typeof at === 'string') return this.layer(at).index;
    const last = this.layers.length - 1;
    if (Number.isInteger(at) && at >= 0 && at <= last) return at;
    if (this.layers.length === 0) return at;
    throw new CaffeError({ code: 'bad-value', field, problem: `is layer ${at}`, fix: `use 0 to ${last}` });
  }
}

function reusesBuffers({ param, layers }: NetParts, { reuseBuffers = false, compat }: NetOptions): boolean {
  if (reuseBuffers === false || compat !== undefined) return false;
  if (param.state!.phase === Phase.TEST && !param.forceBackward) return true;
  const problem = param.forceBackward ? 'the net has force_backward' : 'the net is a TRAIN net';
  const fix = `a net of ${layers.length} layers that runs backward keeps its blobs: leave reuseBuffers out`;
  throw new CaffeError({ code: 'bad-value', field: 'reuseBuffers', problem: `is asked for, but ${problem}`, fix });
}

/** Which blobs outlive a pass: outputs, those that the caller names, and tops without a name. */
function keptBlobs({ graph, blobs }: NetParts, { reuseBuffers }: NetOptions): (blob: string) => boolean {
  const named = typeof reuseBuffers === 'object' ? reuseBuffers.keep : [];
  for (const name of named) if (!blobs.has(name)) throw unknownName('blob', name, [...blobs.keys()]);
  const kept = new Set([...graph.outputs, ...named]);
  return (blob) => blob === automaticTop || kept.has(blob);
}

function lossWeight(layers: readonly NetLayer[], blob: string): number {
  let weight = 0;
  for (const { topNames, lossWeights } of layers) {
    const j = topNames.indexOf(blob);
    if (j >= 0) weight = lossWeights[j]!;
  }
  return weight;
}
