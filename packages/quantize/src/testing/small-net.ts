import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry, Net } from '@jacinto/net';
import { parseText } from '@jacinto/proto';

/** A net of prototxt text on the reference backend, phase TEST unless told, seed 1. */
export function smallNet(text: string, { phase = 1, seed = 1 } = {}): Promise<Net> {
  return Net.create(parseText('NetParameter', text, { file: 'net.prototxt' }), {
    ...{ backend: createReferenceBackend(), registry: new LayerRegistry(standardLayers), phase, seed },
  });
}

/** Values of a blob after a forward pass. */
export const valuesOf = (net: Net, blob: string): number[] => [...net.blob(blob).data.hostRead()];

export function setBlob(net: Net, blob: string, values: readonly number[]): void {
  net.blob(blob).data.hostWrite<Float32Array>().set(values);
}

export function setParam(net: Net, layer: string, index: number, values: readonly number[]): void {
  net.layer(layer).layer.blobs[index]!.data.hostWrite<Float32Array>().set(values);
}

export const paramOf = (net: Net, layer: string, index: number): number[] => [
  ...net.layer(layer).layer.blobs[index]!.data.hostRead(),
];
