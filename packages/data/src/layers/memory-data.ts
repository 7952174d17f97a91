import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer, type LayerState } from '@jacinto/net';
import { create, type Datum, has, type MemoryDataParameter, Phase } from '@jacinto/proto';
import { readBlobFile } from '@jacinto/proto/node';
import { decodeDatum, isEncoded, labelOf, rawValues } from '../datum/datum.ts';
import type { Image } from '../image/image.ts';
import { RecordRandom } from '../transform/record-random.ts';
import { type TransformSettings, transformSettings } from '../transform/settings.ts';
import { type Transformed, transformImage, transformValues } from '../transform/transform.ts';

/**
 * Hands out data that the program gives it (Caffe: MemoryData): top[0] N,C,H,W, top[1] labels N. Call `reset`,
 * `addDatums` or `addImages` before the first forward.
 */
export class MemoryDataLayer extends Layer<MemoryDataParameter> {
  static override readonly type = 'MemoryData';
  static override readonly paramField = 'memoryDataParam';
  private data: Float32Array = new Float32Array(0);
  private labels: Float32Array = new Float32Array(0);
  private position = 0;
  /** Records given so far: what their random draws depend on. */
  private given = 0;
  private size = 0;
  private shape: readonly [number, number, number] = [0, 0, 0];
  private transform!: TransformSettings;

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { exact: 2 };
  }

  override setUp(): void {
    const { batchSize = 0, channels = 0, height = 0, width = 0 } = this.param;
    for (const [field, value] of Object.entries({ batch_size: batchSize, channels, height, width })) {
      if (value < 1)
        throw this.fail(field, `is ${value}`, 'give batch_size, channels, height and width, each 1 or more');
    }
    this.size = batchSize;
    this.shape = [channels, height, width];
    const param = has(this.layerParam, 'transformParam')
      ? this.layerParam.transformParam!
      : create('TransformationParameter');
    this.transform = transformSettings(param, this.context.phase === Phase.TRAIN, (path) =>
      readBlobFile(this.context.resolvePath(path)),
    );
  }

  get batchSize(): number {
    return this.size;
  }

  /** Changes the batch size from the next forward on. */
  set batchSize(size: number) {
    this.checkCount(this.labels.length, size);
    this.size = size;
  }

  override reshape(_bottom: readonly Tensor[], [data, label]: readonly Tensor[]): void {
    data!.reshape([this.size, ...this.shape]);
    label!.reshape([this.size]);
  }

  override reshapesEachForward(): boolean {
    return true;
  }

  override forward(_bottom: readonly Tensor[], [data, label]: readonly Tensor[]): void {
    const { size, position } = this;
    if (this.labels.length === 0)
      throw this.badShape('has no data', 'call reset, addDatums or addImages before forward');
    const count = this.data.length / this.labels.length;
    data!.data.hostWrite().set(this.data.subarray(position * count, (position + size) * count));
    label!.data.hostWrite().set(this.labels.subarray(position, position + size));
    this.position = (position + size) % this.labels.length;
  }

  override backward(): void {}

  /** Data N,C,H,W and labels N, used as they are (not copied, not transformed); N a multiple of the batch size. */
  reset(data: Float32Array, labels: Float32Array): void {
    const [c, h, w] = this.shape;
    this.checkCount(labels.length, this.size);
    if (data.length !== labels.length * c * h * w) {
      throw this.badShape(`was given ${data.length} values for ${labels.length} records of ${c}×${h}×${w}`);
    }
    this.data = data;
    this.labels = labels;
    this.position = 0;
  }

  /** Transforms datums by transform_param and hands them out; their number must be a multiple of the batch size. */
  async addDatums(datums: readonly Datum[]): Promise<void> {
    await this.add(datums.map(labelOf), async (i) => {
      const datum = datums[i]!;
      const random = this.randomOf(i);
      if (!isEncoded(datum)) return transformValues(this.transform, rawValues(datum), random);
      return transformImage(this.transform, await decodeDatum(datum, this.transform.colorMode), random);
    });
  }

  /** Transforms pictures by transform_param and hands them out; their number must be a multiple of the batch size. */
  async addImages(images: readonly Image[], labels: readonly number[]): Promise<void> {
    await this.add(labels, async (i) => transformImage(this.transform, images[i]!, this.randomOf(i)));
  }

  override saveState(): LayerState {
    return { position: this.position };
  }

  override restoreState({ position }: LayerState): void {
    this.position = Number(position);
  }

  private async add(labels: readonly number[], transformedAt: (i: number) => Promise<Transformed>): Promise<void> {
    this.checkCount(labels.length, this.size);
    const [c, h, w] = this.shape;
    const data = new Float32Array(labels.length * c * h * w);
    for (let i = 0; i < labels.length; i++) {
      const { shape, write } = await transformedAt(i);
      if (shape.some((length, axis) => length !== this.shape[axis])) {
        throw this.badShape(`was given a record of ${shape.join('×')}; the layer has ${this.shape.join('×')}`);
      }
      write(data, i * c * h * w);
    }
    this.given += labels.length;
    this.reset(data, Float32Array.from(labels));
  }

  private randomOf(i: number): RecordRandom {
    return new RecordRandom(this.context.seed, this.context.index, this.given + i);
  }

  private checkCount(count: number, size: number): void {
    if (!Number.isInteger(size) || size < 1) throw this.fail('batch_size', `is ${size}`, 'use 1 or more');
    if (count % size !== 0) {
      throw this.badShape(`was given ${count} records, no multiple of the batch size ${size}`, 'add or leave out some');
    }
  }
}
