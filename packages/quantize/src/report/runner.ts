import type { Tensor } from '@jacinto/core-tensor';
import type { NetParameter } from '@jacinto/proto';
import type { QuantizableNet } from '../quantizable-net.ts';
import type { Quantizer } from '../quantizer.ts';

/** A net that can be run; a Net of `@jacinto/net` is one. */
export interface RunnableNet extends QuantizableNet {
  readonly outputs: readonly { readonly name: string; readonly tensor: Tensor }[];
  /** All blobs by name. */
  readonly blobs: ReadonlyMap<string, Tensor>;
  forward(): number | Promise<number>;
  use(plugin: Quantizer): unknown;
  toProto(): NetParameter;
  dispose(): Promise<void>;
}

/** Who builds nets: this package does not know any layer. */
export interface Runner {
  /** A net in phase TEST with the weights copied in. Two nets of one message must see the same data in the same order. */
  createNet(param: NetParameter, weights: NetParameter): Promise<RunnableNet>;
  /** Ends threads and frees memory. */
  dispose?(): void | Promise<void>;
}
