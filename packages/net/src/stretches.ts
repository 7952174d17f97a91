import type { Backend, Repetition, Tensor, Values } from '@jacinto/core-tensor';
import type { NetLayer } from './net-layer.ts';

/** Recordings in a row that come to nothing, after which a stretch is no longer tried. */
const mostFailures = 8;

/** Layers in a row that only run operations, which the backend runs again as a whole while nothing has changed. */
export class Stretch {
  readonly first: number;
  readonly last: number;
  private readonly tensors: readonly Tensor[];
  /** What they were when it was recorded; lists, for a walk over objects finds each one out of the cache. */
  private shapes: (readonly number[])[] = [];
  private values: Values[] = [];
  private repetition: Repetition | undefined;
  private failures = 0;

  constructor(layers: readonly NetLayer[]) {
    this.first = layers[0]!.index;
    this.last = layers.at(-1)!.index;
    this.tensors = [...new Set(layers.flatMap(({ layer, bottoms, tops }) => [...bottoms, ...tops, ...layer.blobs]))];
  }

  /** Does what the layers' forward would do, or nothing: false. */
  repeat(): boolean {
    const { repetition, tensors, shapes, values } = this;
    if (repetition === undefined) return false;
    for (let i = 0; i < tensors.length; i++) {
      const tensor = tensors[i]!;
      if (tensor.shape !== shapes[i] || tensor.data !== values[i]) return false;
    }
    return repetition.run();
  }

  /** Runs the layers by `work`, and notes what they do where the backend can. */
  record(backend: Backend, work: () => void): void {
    if (this.failures === mostFailures) {
      work();
      return;
    }
    this.repetition = backend.record!(work);
    this.failures = this.repetition === undefined ? this.failures + 1 : 0;
    this.shapes = this.tensors.map(({ shape }) => shape);
    this.values = this.tensors.map(({ data }) => data);
  }
}

/** The stretches of a net, by the index of their first layer. `isDone`: whether another layer does a layer's work. */
export function stretchesOf(layers: readonly NetLayer[], isDone: (index: number) => boolean): (Stretch | undefined)[] {
  const found: (Stretch | undefined)[] = [];
  let open: NetLayer[] = [];
  const close = (): void => {
    if (open.length > 1) found[open[0]!.index] = new Stretch(open);
    open = [];
  };
  for (const netLayer of layers) {
    const { layer, index, lossWeights } = netLayer;
    const fits = (isDone(index) || layer.onlyRunsOperations()) && !layer.reshapesEachForward();
    if (fits && lossWeights.every((weight) => weight === 0)) open.push(netLayer);
    else close();
  }
  close();
  return found;
}
