import type { NetParameter } from '@jacinto/proto';
import type { Net } from './net.ts';
import type { NetLayer } from './net-layer.ts';

/**
 * Hooks into a net; all are optional and may return a promise. Plug-ins need not import this package: any object with
 * methods of these names will do.
 */
export interface NetPlugin {
  /**
   * Says that its hooks neither read nor change blobs (they measure time, say). Layers are then fused as without it;
   * otherwise hooks around layers see what each layer makes, and `afterBackward` each blob's gradient.
   */
  readonly ignoresBlobs?: boolean;
  beforeForward?(net: Net): void | Promise<void>;
  /** `loss`: the weighted loss of this forward pass. */
  afterForward?(net: Net, loss: number): void | Promise<void>;
  beforeLayerForward?(layer: NetLayer, net: Net): void | Promise<void>;
  afterLayerForward?(layer: NetLayer, net: Net): void | Promise<void>;
  /** For every layer, those that need no backward too. */
  beforeLayerBackward?(layer: NetLayer, net: Net): void | Promise<void>;
  afterLayerBackward?(layer: NetLayer, net: Net): void | Promise<void>;
  afterBackward?(net: Net): void | Promise<void>;
  /** May change the message that `toProto` is about to return. */
  onSave?(message: NetParameter, net: Net): void;
}
