import type { Backend } from '@jacinto/core-tensor';
import type { NetLayer, NetPlugin } from '@jacinto/net';

/** What one layer took in all passes measured. */
export interface LayerCost {
  /** Milliseconds. */
  forward: number;
  backward: number;
  /** Operations that the backend left to the one below it; undefined where it does not count them. */
  handedOver: number | undefined;
}

/** Measures layers in passes over the whole net, fused as they are without it. */
export class LayerMeter implements NetPlugin {
  readonly ignoresBlobs = true;
  readonly costs: LayerCost[];
  private readonly backend: Backend;
  private began = 0;
  private handed: number | undefined;

  constructor(backend: Backend, layers: readonly NetLayer[]) {
    this.backend = backend;
    this.handed = handedOver(backend);
    this.costs = layers.map(() => ({ forward: 0, backward: 0, handedOver: this.handed === undefined ? undefined : 0 }));
  }

  beforeLayerForward(): void {
    this.began = performance.now();
  }

  beforeLayerBackward(): void {
    this.began = performance.now();
  }

  afterLayerForward({ index }: NetLayer): void | Promise<void> {
    return this.end(index, 'forward');
  }

  afterLayerBackward({ index }: NetLayer): void | Promise<void> {
    return this.end(index, 'backward');
  }

  private end(index: number, way: 'forward' | 'backward'): void | Promise<void> {
    if (!this.backend.synchronous) return this.backend.finish().then(() => this.add(index, way));
    this.add(index, way);
  }

  private add(index: number, way: 'forward' | 'backward'): void {
    const cost = this.costs[index]!;
    cost[way] += performance.now() - this.began;
    const handed = handedOver(this.backend);
    if (handed !== undefined) cost.handedOver! += handed - this.handed!;
    this.handed = handed;
  }
}

/** The count of a backend that is built over another one. */
function handedOver(backend: Backend): number | undefined {
  return (backend as { counters?: { handedOver?: number } }).counters?.handedOver;
}
