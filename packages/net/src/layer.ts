import type { Backend, RandomStream, Tensor } from '@jacinto/core-tensor';
import { CaffeError, create, fieldsOf, has, type LayerParameter, type Messages } from '@jacinto/proto';

/** How many bottoms or tops a layer takes; nothing given: any number. */
export interface Arity {
  exact?: number;
  min?: number;
  max?: number;
}

/** What a net tells its layers. No layer knows the solver: iterations are numbers here. */
export interface LayerContext {
  readonly backend: Backend;
  /** Phase.TRAIN (0) or Phase.TEST (1). */
  readonly phase: number;
  /** Index of the layer in the net after filtering and split insertion; its stream of random numbers. */
  readonly index: number;
  /** Seed of all random numbers of the net (solver's random_seed). */
  readonly seed: number;
  /** Random numbers for fillers and set-up, a stream of the layer's own. */
  readonly random: RandomStream;
  /** Whether the net was built with force_backward: a TEST net whose layers must keep what backward needs. */
  readonly forceBackward?: boolean;
  /** Whose faults a layer repeats, where it knows some; undefined: nobody's (see NetOptions). */
  readonly compat?: 'caffe-jacinto-0.17';
  /** The solver's iteration; 0 in a net without solver. */
  iteration(): number;
  /** Forward passes this net has run before the present one: the `draw` of random operations. */
  forwardCount(): number;
  /** Factor of the solver's global gradient scaling (SoftmaxWithLoss multiplies by it); 1 by default. */
  gradientScale(): number;
  /** A path of the prototxt, made absolute against the folder that paths are relative to. */
  resolvePath(path: string): string;
  /** Something a user should know but that is no error; listeners print it. */
  warn(message: string): void;
}

/** y = max(x,0) + slope·min(x,0), slope ≥ 0. */
export interface Rectifier {
  readonly slope: number;
}

/** A blob of a top's shape that a layer adds to its result, and where it puts the sum, behind a ReLU where there is one. */
export interface Addition {
  readonly addend: Tensor;
  readonly sum: Tensor;
  readonly relu: Rectifier | undefined;
}

/** What of a ReLU behind it a layer does itself. */
export type Fused = 'nothing' | 'forward' | 'both';

/** A layer class: its `type` is the prototxt name, the class registers under it. */
export interface LayerClass {
  readonly type: string;
  /** Field of LayerParameter with the layer's own parameters, e.g. 'poolingParam'. */
  readonly paramField?: keyof LayerParameter;
  new (layerParam: LayerParameter, context: LayerContext): Layer<never> | Layer<unknown>;
}

/** What a layer keeps between iterations besides blobs (a data layer's position); plain JSON. */
export type LayerState = Record<string, number | string | number[]>;

/**
 * A layer of a net (Caffe: Layer). The net calls: `setUp` once, then `reshape`, then again `reshape` whenever a
 * bottom's shape has changed, then `forward` and `backward`.
 *
 * Contracts: `reshape` gives the tops their shapes and prepares backend operations; `forward` reads bottoms' data and
 * writes tops' data, `backward` reads tops' diffs, overwrites the diffs of those bottoms whose `propagateDown` is true
 * and adds to the diffs of `blobs` whose `paramPropagateDown` is true. A promise is returned only by layers that
 * must look at values on the host or wait for data.
 */
export abstract class Layer<Param = unknown> {
  declare static readonly type: string;
  declare static readonly paramField?: keyof LayerParameter;

  readonly layerParam: LayerParameter;
  readonly context: LayerContext;
  readonly backend: Backend;
  /** The layer's own parameters with the schema's defaults. */
  readonly param: Param;
  /** Learned parameters, in Caffe's order. */
  readonly blobs: Tensor[] = [];
  /** Which blobs need a gradient; set by the net from lr_mult. Missing entries mean true. */
  readonly paramPropagateDown: boolean[] = [];

  constructor(layerParam: LayerParameter, context: LayerContext) {
    this.layerParam = layerParam;
    this.context = context;
    this.backend = context.backend;
    this.param = this.ownParameters();
  }

  get type(): string {
    return (this.constructor as typeof Layer).type;
  }

  get name(): string {
    return this.layerParam.name ?? '';
  }

  bottomArity(): Arity {
    return { exact: 1 };
  }

  topArity(): Arity {
    return { exact: 1 };
  }

  /** Whether missing tops are made without a name up to the least number (losses: true). */
  autoTopBlobs(): boolean {
    return false;
  }

  /** Whether force_backward may ask for the gradient of bottom `index` (losses: not the label). */
  allowForceBackward(_index: number): boolean {
    return true;
  }

  /** Loss weight of top `index` where the prototxt gives none (losses: 1 for top 0). */
  defaultLossWeight(_index: number): number {
    return 0;
  }

  /**
   * lr_mult and decay_mult of blob `index` where the layer does not leave them to the prototxt (BatchNorm: 0 for its
   * statistics, 1 for scale and bias); undefined: the prototxt's.
   */
  forcedLrMult(_index: number): number | undefined {
    return undefined;
  }

  /** Checks parameters, makes `blobs`. Called once, before `reshape`. */
  setUp(_bottom: readonly Tensor[], _top: readonly Tensor[]): void | Promise<void> {}

  abstract reshape(bottom: readonly Tensor[], top: readonly Tensor[]): void;

  /** Whether `reshape` is wanted before each forward, not only when a bottom's shape has changed. */
  reshapesEachForward(): boolean {
    return false;
  }

  /**
   * Whether `forward` does nothing but run operations that `reshape` prepared, at once and the same ones each time: the
   * backend may then run them without the layer. Asked after `reshape`.
   */
  onlyRunsOperations(): boolean {
    return false;
  }

  abstract forward(bottom: readonly Tensor[], top: readonly Tensor[]): void | Promise<void>;

  /** @throws CaffeError 'unsupported' for layers without a gradient that are asked for one. */
  backward(
    _top: readonly Tensor[],
    propagateDown: readonly boolean[],
    _bottom: readonly Tensor[],
  ): void | Promise<void> {
    if (propagateDown.some(Boolean)) {
      throw new CaffeError({
        code: 'unsupported',
        problem: 'has no gradient, but one of its bottoms needs one',
        fix: 'set propagate_down: false, or lr_mult: 0 on what feeds it',
      });
    }
  }

  /** What this layer computes where it is a ReLU, so that the layer before it may do its work; undefined: none. */
  rectifier?(): Rectifier | undefined;

  /**
   * For layers that can put a ReLU on their one top at no cost: says whether from now on they do (undefined: they do
   * not), in `forward`, and in `backward` for a `forward` that did; there the top's diff is the gradient behind the
   * ReLU. The net calls it between passes, and leaves out the ReLU layer's part of what is returned.
   */
  fuseRectifier?(relu: Rectifier | undefined): Fused;

  /** Whether this layer gives the plain sum of its bottoms, so that the layer before it may do its work. */
  addsBottoms?(): boolean;

  /**
   * For layers of one bottom that can add another blob to their one top at no cost: says whether from now on `forward`
   * does (undefined: it does not), and leaves its top unwritten. The net calls it between passes and after `reshape`, in
   * nets that only run forward and whose blobs in between nobody reads, and leaves out the layer that adds.
   */
  fuseAddition?(addition: Addition | undefined): boolean;

  /** State to be kept in a snapshot so that a resumed run continues exactly; undefined: none. */
  saveState(): LayerState | undefined {
    return undefined;
  }

  restoreState(_state: LayerState): void {}

  /** Frees memory, closes files, ends workers. */
  dispose(): void | Promise<void> {
    for (const blob of this.blobs) blob.dispose();
  }

  /** Whether blob `index` needs a gradient. */
  protected needsParamGradient(index: number): boolean {
    return this.paramPropagateDown[index] ?? true;
  }

  /** An error of this layer: a field of its own message, what is wrong with it, and the fix. The net adds name, type and place. */
  protected fail(field: string, problem: string, fix?: string): CaffeError {
    const own = (this.constructor as typeof Layer).paramField;
    const prefix = own === undefined ? '' : `${snakeCase(own)}.`;
    return new CaffeError({ code: 'bad-value', field: `${prefix}${field}`, problem, fix });
  }

  /** An error about shapes that do not fit. */
  protected badShape(problem: string, fix?: string): CaffeError {
    return new CaffeError({ code: 'bad-shape', problem, fix });
  }

  private ownParameters(): Param {
    const field = (this.constructor as typeof Layer).paramField;
    if (field === undefined) return undefined as Param;
    return (has(this.layerParam, field) ? this.layerParam[field] : create(messageOf(field))) as Param;
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The message type of a field of LayerParameter: 'poolingParam' → 'PoolingParameter'. */
function messageOf(field: keyof LayerParameter): keyof Messages {
  const info = fieldsOf('LayerParameter').find(({ camelName }) => camelName === field);
  if (info?.kind !== 'message') {
    throw new CaffeError({ code: 'internal', problem: `paramField "${field}" is no message of LayerParameter` });
  }
  return info.typeName as keyof Messages;
}
