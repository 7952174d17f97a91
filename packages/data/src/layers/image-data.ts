import type { Arity } from '@jacinto/net';
import type { ImageDataParameter } from '@jacinto/proto';
import { readImageList } from '../feed/image-list.ts';
import { ListFeed } from '../feed/list-feed.ts';
import type { RecordFeed } from '../feed/record-ref.ts';
import { FedLayer, type FedLayerOptions } from './fed-layer.ts';

/**
 * Reads images named by a list, `path label` a line (Caffe: ImageData). top[0] N,C,H,W, top[1] labels N. Paths are
 * root_folder followed by what the list has. Images are resized to new_height × new_width, or so that the short side
 * is short_side (OpenCV's bilinear resize); `shuffle` gives each round a random order of its own.
 */
export class ImageDataLayer extends FedLayer<ImageDataParameter> {
  static override readonly type = 'ImageData';
  static override readonly paramField = 'imageDataParam';

  override topArity(): Arity {
    return { exact: 2 };
  }

  protected checkedOptions(): FedLayerOptions {
    const { batchSize, source, threads, newHeight, newWidth, shortSide, isColor, randSkip } = this.param;
    if (newHeight > 0 !== newWidth > 0 || newHeight < 0 || newWidth < 0) {
      throw this.fail('new_height', `is ${newHeight} and new_width is ${newWidth}`, 'give both or none');
    }
    return {
      batchSize: this.checkedBatchSize(batchSize),
      source: this.checkedSource(source, 'the list of images'),
      randSkip,
      threads,
      ahead: 0,
      image: { mode: isColor ? 'color' : 'gray', height: newHeight, width: newWidth, shortSide },
    };
  }

  protected openFeed(source: string, seed: number): RecordFeed {
    const lines = readImageList(source);
    const { randSkip, rootFolder, shuffle } = this.param;
    if (randSkip > lines.length) {
      throw this.fail('rand_skip', `is ${randSkip}, but the list has ${lines.length} images`, 'use a smaller number');
    }
    const refs = lines.map(({ name, label, line }) => {
      return { from: 'file' as const, path: this.context.resolvePath(rootFolder + name), label, line };
    });
    return new ListFeed(refs, shuffle ? 'first-round' : 'never', seed, this.context.index);
  }
}
