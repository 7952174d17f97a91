import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { standardLayers } from '@jacinto/layers';
import { LayerRegistry, Net } from '@jacinto/net';
import { parseText } from '@jacinto/proto';
import { golden, hasGolden, readGoldenJson, readGoldenValues } from './shared.ts';

interface Place {
  shape: number[];
  data: number;
}

type Param = Place & { layer: string; index: number };
type Blob = Place & { blob: string };

interface Recorded {
  params_before: Param[];
  forwards: { inputs: Blob[]; blobs_after: Blob[]; params_after: Param[] }[];
}

export const goldenFolder = join(golden, 'quantize');

/** Names of the recorded variants: those with numbers, and all that have a log only. */
export const variants = hasGolden
  ? readdirSync(goldenFolder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
  : [];

/** A recorded net with its weights, and what real caffe-jacinto had after each forward pass. */
export class GoldenNet {
  readonly name: string;
  readonly net: Net;
  private readonly recorded: Recorded;
  private readonly values: Float32Array;

  private constructor(name: string, net: Net, recorded: Recorded) {
    this.name = name;
    this.net = net;
    this.recorded = recorded;
    this.values = readGoldenValues(join(goldenFolder, `${name}.bin`));
  }

  /** @param numbers The variant whose numbers count, for those that have a log only. */
  static async load(name: string, numbers = name): Promise<GoldenNet> {
    const param = parseText('NetParameter', readFileSync(join(goldenFolder, `${name}.prototxt`), 'utf8'));
    const backend = createReferenceBackend();
    const net = await Net.create(param, { backend, registry: new LayerRegistry(standardLayers), phase: 1, seed: 1 });
    const loaded = new GoldenNet(numbers, net, readGoldenJson<Recorded>(join(goldenFolder, `${numbers}.json`)));
    loaded.setParams(loaded.recorded.params_before);
    return loaded;
  }

  get forwards(): number {
    return this.recorded.forwards.length;
  }

  /** Puts the inputs of pass k into the net. */
  setInputs(k: number): void {
    for (const { blob, ...place } of this.recorded.forwards[k]!.inputs) this.write(this.net.blob(blob), place);
  }

  /** Puts what real caffe-jacinto had after pass k into the net. */
  setResults(k: number): void {
    const { blobs_after, params_after } = this.recorded.forwards[k]!;
    for (const { blob, ...place } of blobs_after) this.write(this.net.blob(blob), place);
    this.setParams(params_after);
  }

  /** Each blob after pass k: ours, theirs. */
  blobs(k: number): { name: string; ours: Float32Array; theirs: Float32Array }[] {
    return this.recorded.forwards[k]!.blobs_after.map(({ blob, ...place }) => ({
      name: blob,
      ours: this.net.blob(blob).data.hostRead(),
      theirs: this.read(place),
    }));
  }

  /** Each param after pass k: ours, theirs. */
  params(k: number): { name: string; ours: Float32Array; theirs: Float32Array }[] {
    return this.recorded.forwards[k]!.params_after.map(({ layer, index, ...place }) => ({
      name: `${layer}/${index}`,
      ours: this.net.layer(layer).layer.blobs[index]!.data.hostRead(),
      theirs: this.read(place),
    }));
  }

  private setParams(params: readonly Param[]): void {
    for (const { layer, index, ...place } of params) this.write(this.net.layer(layer).layer.blobs[index]!, place);
  }

  private write(tensor: Tensor, place: Place): void {
    tensor.data.hostWrite<Float32Array>().set(this.read(place));
  }

  private read({ shape, data }: Place): Float32Array {
    return this.values.subarray(data, data + shape.reduce((count, length) => count * length, 1));
  }
}
