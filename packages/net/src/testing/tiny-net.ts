import type { Backend } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { parseText } from '@jacinto/proto';
import type { LayerClass } from '../layer.ts';
import { Net } from '../net.ts';
import type { NetOptions } from '../net-options.ts';
import { LayerRegistry } from '../registry.ts';
import { tinyLayers } from './tiny-layers.ts';

/** Options of a net in a test; by default tiny layers on a reference backend with seed 1. */
export interface TinyNetOptions extends Partial<NetOptions> {
  /** Layer classes besides the tiny ones. */
  layers?: readonly LayerClass[];
  backend?: Backend;
}

/** A net from prototxt, called "net.prototxt" in errors. */
export function tinyNet(text: string, { layers = [], ...options }: TinyNetOptions = {}): Promise<Net> {
  return Net.create(parseText('NetParameter', text, { file: 'net.prototxt' }), {
    backend: createReferenceBackend(),
    registry: new LayerRegistry(tinyLayers, layers),
    seed: 1,
    ...options,
  });
}
