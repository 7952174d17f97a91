import type { Net } from '@jacinto/net';
import { create, type LayerParameter, type NetParameter } from '@jacinto/proto';

/** A net with its weights as a message that knows its level and stages, which `toProto` leaves out. */
export async function savedNet(net: Net): Promise<NetParameter> {
  await net.readParams();
  return Object.assign(net.toProto(), { state: net.param.state });
}

/** The message without its state, as Caffe saves nets. */
export function withoutState(message: NetParameter): NetParameter {
  const copy = Object.assign(create('NetParameter'), message);
  Reflect.deleteProperty(copy, 'state');
  return copy;
}

/** The message without its weights, as it goes into a prototxt. */
export function withoutBlobs(message: NetParameter): NetParameter {
  const layer = message.layer.map((saved) => {
    const copy: LayerParameter = Object.assign(create('LayerParameter'), saved);
    Reflect.deleteProperty(copy, 'blobs');
    return copy;
  });
  return Object.assign(create('NetParameter'), message, { layer });
}
