import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { LayerRegistry, Net, type NetOptions } from '@jacinto/net';
import { parseText } from '@jacinto/proto';
import { dataLayers } from '../layers/list.ts';

/** A net of data layers on the reference backend, seed 1. */
export function dataNet(text: string, options: Partial<NetOptions> = {}): Promise<Net> {
  return Net.create(parseText('NetParameter', text, { file: 'net.prototxt' }), {
    backend: createReferenceBackend(),
    registry: new LayerRegistry(dataLayers),
    seed: 1,
    ...options,
  });
}

/** Copies of the blobs after a forward pass. */
export async function forwarded(net: Net): Promise<Record<string, Float32Array>> {
  await net.forward();
  const values: Record<string, Float32Array> = {};
  for (const [name, tensor] of net.blobs) values[name] = Float32Array.from(await tensor.data.read());
  return values;
}
