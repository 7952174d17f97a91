import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer } from '@jacinto/net';
import type { HDF5OutputParameter } from '@jacinto/proto';
import { writeHdf5 } from '../hdf5/hdf5-file.ts';

/**
 * Writes its bottoms into file_name (Caffe: HDF5Output): bottom[0] as dataset "data", bottom[1] as "label", both with
 * equally many items; no tops. Each forward pass writes the file anew. Nothing goes back.
 *
 * @throws CaffeError 'io' where the file cannot be written.
 */
export class HDF5OutputLayer extends Layer<HDF5OutputParameter> {
  static override readonly type = 'HDF5Output';
  static override readonly paramField = 'hdf5OutputParam';
  private path = '';

  override bottomArity(): Arity {
    return { exact: 2 };
  }

  override topArity(): Arity {
    return { exact: 0 };
  }

  override setUp(): void {
    const { fileName } = this.param;
    if (!fileName) throw this.fail('file_name', 'is missing', 'give the path of the file to write');
    this.path = this.context.resolvePath(fileName);
  }

  override reshape(bottom: readonly Tensor[]): void {
    const [data, label] = bottom as [Tensor, Tensor];
    if (data.shape[0] === label.shape[0]) return;
    throw this.badShape(
      `bottom[0] is ${data.shapeString()}, bottom[1] is ${label.shapeString()}`,
      'give both equally many items',
    );
  }

  override async forward(bottom: readonly Tensor[]): Promise<void> {
    const [data, label] = bottom as [Tensor, Tensor];
    await writeHdf5(this.path, {
      data: { shape: data.shape, values: await data.data.read<Float32Array>() },
      label: { shape: label.shape, values: await label.data.read<Float32Array>() },
    });
  }

  override backward(_top: readonly Tensor[], propagateDown: readonly boolean[], bottom: readonly Tensor[]): void {
    bottom.forEach(({ diff }, i) => {
      if (propagateDown[i]) diff.hostWrite().fill(0);
    });
  }
}
