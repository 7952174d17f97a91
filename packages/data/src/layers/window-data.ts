import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer, type LayerState } from '@jacinto/net';
import { create, has, Phase, type WindowDataParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { readBlobFile } from '@jacinto/proto/node';
import { readImage } from '../image/decode.ts';
import type { Image } from '../image/image.ts';
import { RecordRandom } from '../transform/record-random.ts';
import { type TransformSettings, transformSettings } from '../transform/settings.ts';
import { type CroppedWindow, cropWindow } from '../window/crop-window.ts';
import { readWindowList, type Window } from '../window/window-list.ts';

/**
 * Random windows of pictures, for R-CNN (Girshick et al. 2014; Caffe: WindowData). top[0] batch_size,3,crop_size,
 * crop_size; top[1] labels batch_size. `source` is a window file: for each picture `# index`, path, channels, height,
 * width, number of windows, and a line `label overlap x1 y1 x2 y2` for each.
 *
 * Windows with overlap ≥ fg_threshold (0.5) are foreground, those below bg_threshold (0.5) background with label 0. Of
 * each batch ⌊batch_size·fg_fraction⌋ (0.25) are drawn from the foreground and come last. A window gets context_pad (0)
 * pixels of context and is warped to the crop, with crop_mode "square" after it was made square (default "warp"); what
 * lies beyond the picture is 0. Values: scale·(pixel − mean); crop_size, mirror and mean from transform_param, or from
 * window_data_param where they are given only there. cache_images keeps decoded pictures. Paths are root_folder
 * followed by what the file has.
 *
 * @throws CaffeError naming the file and line that is wrong, or a picture that cannot be read.
 */
export class WindowDataLayer extends Layer<WindowDataParameter> {
  static override readonly type = 'WindowData';
  static override readonly paramField = 'windowDataParam';
  private images: string[] = [];
  private foreground: Window[] = [];
  private background: Window[] = [];
  private transform!: TransformSettings;
  private size = 0;
  private batches = 0;
  private readonly cache = new Map<number, Image>();

  override bottomArity(): Arity {
    return { exact: 0 };
  }

  override topArity(): Arity {
    return { exact: 2 };
  }

  override setUp(): void {
    const p = this.param;
    if (!p.source) throw this.fail('source', 'is missing', 'give the path of a window file');
    if (!p.batchSize) throw this.fail('batch_size', p.batchSize === undefined ? 'is missing' : 'is 0', 'use 1 or more');
    if (p.cropMode !== 'warp' && p.cropMode !== 'square') {
      throw this.fail('crop_mode', `is "${p.cropMode}"`, 'use "warp" or "square"');
    }
    if (!(p.fgFraction >= 0 && p.fgFraction <= 1)) throw this.fail('fg_fraction', `is ${p.fgFraction}`, 'use 0 to 1');
    this.takeTransform();
    if (2 * p.contextPad >= this.size) {
      const most = Math.ceil(this.size / 2) - 1;
      throw this.fail('context_pad', `is ${p.contextPad}, too large for a crop of ${this.size}`, `use 0 to ${most}`);
    }
    const file = this.context.resolvePath(p.source);
    const { images, windows } = readWindowList(file);
    this.images = images.map((path) => this.context.resolvePath(p.rootFolder + path));
    this.foreground = windows.filter(({ overlap }) => overlap >= p.fgThreshold);
    this.background = windows
      .filter(({ overlap }) => overlap < p.fgThreshold && overlap < p.bgThreshold)
      .map((window) => ({ ...window, label: 0 }));
    const [backgrounds, foregrounds] = this.counts();
    for (const [kind, wanted, list] of [
      ['foreground', foregrounds, this.foreground],
      ['background', backgrounds, this.background],
    ] as const) {
      if (wanted === 0 || list.length > 0) continue;
      const problem = `has no ${kind} window, but ${wanted} of each batch are to be such`;
      throw new CaffeError({ code: 'bad-data', file, problem, fix: 'see fg_threshold, bg_threshold and fg_fraction' });
    }
  }

  override reshape(_bottom: readonly Tensor[], [data, label]: readonly Tensor[]): void {
    data!.reshape([this.param.batchSize!, 3, this.size, this.size]);
    label!.reshape([this.param.batchSize!]);
  }

  override async forward(_bottom: readonly Tensor[], [data, label]: readonly Tensor[]): Promise<void> {
    const { batchSize, contextPad, cropMode } = this.param;
    const chosen = Array.from({ length: batchSize! }, (_, i) => this.choose(i));
    this.batches++;
    const crops = await Promise.all(
      chosen.map(async ({ window, mirror }) => {
        const options = { size: this.size, contextPad, square: cropMode === 'square', mirror };
        const picture = await this.picture(window.image);
        const inside = window.x1 < picture.width && window.y1 < picture.height;
        const context = contextPad > 0 || options.square;
        if (inside && (context || (window.x2 < picture.width && window.y2 < picture.height))) {
          return cropWindow(picture, window, options);
        }
        const { x1, y1, x2, y2 } = window;
        throw new CaffeError({
          code: 'bad-data',
          file: this.images[window.image],
          problem: `is ${picture.width} x ${picture.height}, but a window of it is ${x1} ${y1} ${x2} ${y2}`,
          fix: 'make the window file for these pictures',
        });
      }),
    );
    const values = data!.data.hostWrite<Float32Array>().fill(0);
    crops.forEach((crop, n) => {
      this.write(crop, values.subarray((n * values.length) / batchSize!, ((n + 1) * values.length) / batchSize!));
    });
    label!.data.hostWrite<Float32Array>().set(chosen.map(({ window }) => window.label));
  }

  override backward(): void {}

  override saveState(): LayerState {
    return { batches: this.batches };
  }

  override restoreState({ batches }: LayerState): void {
    this.batches = Number(batches);
  }

  override dispose(): void {
    this.cache.clear();
  }

  /** Items of a batch drawn from the background and from the foreground. */
  private counts(): [number, number] {
    const foregrounds = Math.floor(this.param.batchSize! * this.param.fgFraction);
    return [this.param.batchSize! - foregrounds, foregrounds];
  }

  private choose(item: number): { window: Window; mirror: boolean } {
    const { seed, index } = this.context;
    const random = new RecordRandom(seed, index, this.batches * this.param.batchSize! + item);
    const list = item < this.counts()[0] ? this.background : this.foreground;
    return { window: list[random.integer(list.length)]!, mirror: this.transform.mirror && random.integer(2) === 1 };
  }

  private async picture(image: number): Promise<Image> {
    const kept = this.cache.get(image);
    if (kept !== undefined) return kept;
    const picture = await readImage(this.images[image]!, { mode: 'color' });
    if (this.param.cacheImages) this.cache.set(image, picture);
    return picture;
  }

  private write({ image, top, left }: CroppedWindow, values: Float32Array): void {
    const { size, transform } = this;
    const { mean, meanValues } = transform;
    const off = mean === undefined ? 0 : Math.floor((mean.width - size) / 2);
    for (let c = 0; c < 3; c++) {
      for (let y = 0; y < image.height; y++) {
        for (let x = 0; x < image.width; x++) {
          const [row, column] = [y + top, x + left];
          const average =
            mean === undefined
              ? (meanValues[c] ?? meanValues[0] ?? 0)
              : mean.values[(c * mean.height + row + off) * mean.width + column + off]!;
          const pixel = image.data[(y * image.width + x) * 3 + c]!;
          values[(c * size + row) * size + column] = (pixel - average) * this.param.scale;
        }
      }
    }
  }

  /** transform_param, with what only window_data_param gives. */
  private takeTransform(): void {
    const p = this.param;
    const given = Object.assign(create('TransformationParameter'), this.layerParam.transformParam);
    if (!has(given, 'cropSize') && p.cropSize > 0) given.cropSize = p.cropSize;
    if (!has(given, 'mirror') && p.mirror) given.mirror = true;
    if (!has(given, 'meanFile') && p.meanFile) given.meanFile = p.meanFile;
    this.size = given.cropSize;
    if (this.size < 1) throw this.fail('crop_size', 'is missing', 'give transform_param.crop_size, 1 or more');
    const train = this.context.phase === Phase.TRAIN;
    this.transform = transformSettings(given, train, (path) => readBlobFile(this.context.resolvePath(path)));
    const { mean } = this.transform;
    if (mean !== undefined && (mean.width !== mean.height || mean.width < this.size || mean.channels !== 3)) {
      throw this.fail(
        'mean_file',
        `holds ${mean.channels} x ${mean.height} x ${mean.width} values`,
        `give 3 channels and a square of ${this.size} or more`,
      );
    }
  }
}
