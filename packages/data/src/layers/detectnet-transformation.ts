import type { Tensor } from '@jacinto/core-tensor';
import { type Arity, Layer, type LayerState } from '@jacinto/net';
import {
  create,
  type DetectNetAugmentationParameter,
  type DetectNetGroundTruthParameter,
  has,
  Phase,
  type TransformationParameter,
} from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { readBlobFile } from '@jacinto/proto/node';
import { augmentPlanes } from '../detectnet/augment-planes.ts';
import {
  type Augmentation,
  checkAugmentation,
  drawAugmentation,
  resizeOnly,
  type Size,
  unusedFields,
} from '../detectnet/augmentation.ts';
import { moveBoxes, readBoxes } from '../detectnet/boxes.ts';
import { CoverageGrid } from '../detectnet/coverage.ts';
import { type Planes, resizePlanes } from '../image/resize-planes.ts';
import { RecordRandom } from '../transform/record-random.ts';
import { transformSettings } from '../transform/settings.ts';

/**
 * Augments pictures with their boxes and makes the labels of DetectNet (NVIDIA Caffe: DetectNetTransformation; Tao et
 * al. 2016). bottom[0] pictures N,3,H,W in the order B,G,R, 0 to 255; bottom[1] label lists N,1,rows,16 as DIGITS
 * writes them: a row "count 16 0 …", then a row for each box: x, y, width, height in pixels, angle, class and ten values
 * that play no part. top[0] N,3,image_size_y,image_size_x; top[1] N,8 + classes,image_size_y/stride,image_size_x/stride
 * (rounded, ties to even). Nothing goes back.
 *
 * Pictures, TRAIN, each step with its probability: hue turned by ±hue_rotation degrees (180 at most), saturation times
 * 1 − u·desaturation_max, the mean of transform_param subtracted (a mean file resized to the picture), flip, scale by
 * scale_min to scale_max (bicubic), rotation by ±max_rotate_degree (bilinear), and a crop of the output's size at a
 * random place, up to half of shift_x and shift_y beyond the picture; without a random crop the middle. What lies
 * beyond the picture is 0. TEST: mean and resize to the output's size (bicubic), nothing else.
 *
 * Labels: for each box whose class is a `src` of object_class (default src 1, dst 0), cut to the picture with
 * crop_bboxes, a rectangle of scale_cvg times its sides about its middle is covered, with GRIDBOX_MAX at most
 * max_cvg_len long, with GRIDBOX_MIN at least min_cvg_len (or the box). Every cell that it touches holds: 1; x1, y1, x2,
 * y2 of the box from the cell's corner, in pixels; 1/width; 1/height; stride²/covered area, at least 1 unless obj_norm;
 * and 1 in channel 8 + dst. All else is 0; where boxes meet, the later one wins.
 *
 * All this is NVIDIA Caffe 0.17's, its flip of boxes to W − x − width − 1 and the last row and column lost by a rotation
 * included. Ours: random numbers depend on the seed (transform_param.random_seed, else the net's) and the number of
 * pictures before, twelve a picture; a probability of 0 never happens; a rotated picture's size is taken about its exact
 * middle; errors where NVIDIA's goes on; scale, mirror and crop of transform_param and resize_param, noise_param,
 * emit_constraint, distort_param and expand_param do nothing there either, and a warning says so.
 *
 * @throws CaffeError 'bad-value' for fields out of range, 'bad-shape' for bottoms that do not fit, 'bad-data' in forward
 * for a bottom[1] that is no label list.
 */
export class DetectNetTransformationLayer extends Layer<DetectNetGroundTruthParameter> {
  static override readonly type = 'DetectNetTransformation';
  static override readonly paramField = 'detectnetGroundtruthParam';
  private grid!: CoverageGrid;
  private augmentation!: DetectNetAugmentationParameter;
  private output!: Size;
  private seed = 0;
  /** As given: a picture of any size, or one value a channel. */
  private givenMean: Planes | readonly number[] = [0, 0, 0];
  private mean: Planes | readonly number[] = [0, 0, 0];
  private pictures = 0;

  override bottomArity(): Arity {
    return { exact: 2 };
  }

  override topArity(): Arity {
    return { exact: 2 };
  }

  override allowForceBackward(): boolean {
    return false;
  }

  override setUp(): void {
    this.grid = new CoverageGrid(this.param);
    this.output = { height: this.param.imageSizeY, width: this.param.imageSizeX };
    this.augmentation = has(this.layerParam, 'detectnetAugmentationParam')
      ? this.layerParam.detectnetAugmentationParam!
      : create('DetectNetAugmentationParameter');
    checkAugmentation(this.augmentation);
    const transform = has(this.layerParam, 'transformParam')
      ? this.layerParam.transformParam!
      : create('TransformationParameter');
    this.seed = transform.randomSeed >= 0 ? transform.randomSeed : this.context.seed;
    this.takeMean(transform);
    this.warnOfUnused(transform);
  }

  override reshape([picture, list]: readonly Tensor[], [data, label]: readonly Tensor[]): void {
    const [items, channels, height, width] = picture!.shape;
    if (picture!.axes !== 4 || channels !== 3 || picture!.count === 0) {
      throw this.badShape(
        `bottom[0] is ${picture!.shapeString()}`,
        'give pictures N,3,H,W: force_color in the data layer',
      );
    }
    if (list!.shape[0] !== items || list!.count < 16 * items!) {
      throw this.badShape(
        `bottom[1] is ${list!.shapeString()} for ${items} pictures`,
        'give as many label lists, each of 16 values or more: N,1,rows,16',
      );
    }
    data!.reshape([items!, 3, this.output.height, this.output.width]);
    label!.reshape([items!, this.grid.channels, this.grid.height, this.grid.width]);
    const mean = this.givenMean;
    this.mean = 'height' in mean ? resizePlanes(mean, height!, width!) : mean;
  }

  override async forward([picture, list]: readonly Tensor[], [data, label]: readonly Tensor[]): Promise<void> {
    const [items, channels, height, width] = picture!.shape as [number, number, number, number];
    const pictures = await picture!.data.read<Float32Array>();
    const lists = await list!.data.read<Float32Array>();
    const [outPictures, outLabels] = [data!.data.hostWrite<Float32Array>(), label!.data.hostWrite<Float32Array>()];
    const part = (values: Float32Array, item: number): Float32Array => {
      const length = values.length / items;
      return values.subarray(item * length, (item + 1) * length);
    };
    for (let item = 0; item < items; item++) {
      const boxes = readBoxes(part(lists, item), item);
      const augmentation = this.choose({ height, width }, item);
      const planes = { channels, height, width, values: part(pictures, item).slice() };
      augmentPlanes(planes, this.mean, augmentation, this.output, part(outPictures, item));
      this.grid.write(part(outLabels, item), moveBoxes(boxes, height, width, augmentation));
    }
    this.pictures += items;
  }

  override saveState(): LayerState {
    return { pictures: this.pictures };
  }

  override restoreState({ pictures }: LayerState): void {
    this.pictures = Number(pictures);
  }

  private choose(picture: Size, item: number): Augmentation {
    if (this.context.phase !== Phase.TRAIN) return resizeOnly(this.output);
    const random = new RecordRandom(this.seed, this.context.index, this.pictures + item);
    return drawAugmentation(this.augmentation, picture, this.output, random);
  }

  private takeMean(transform: TransformationParameter): void {
    const { mean, meanValues } = transformSettings(transform, false, (path) =>
      readBlobFile(this.context.resolvePath(path)),
    );
    const bad = (field: string, problem: string, fix: string): CaffeError =>
      new CaffeError({ code: 'bad-value', field: `transform_param.${field}`, problem, fix });
    if (mean !== undefined) {
      if (mean.channels !== 3) throw bad('mean_file', `has ${mean.channels} channels`, 'give a mean of 3 channels');
      this.givenMean = mean;
    } else if (meanValues.length === 1 || meanValues.length === 3) {
      this.givenMean = meanValues.length === 3 ? meanValues : [meanValues[0]!, meanValues[0]!, meanValues[0]!];
    } else if (meanValues.length > 0) {
      throw bad('mean_value', `is given ${meanValues.length} times`, 'give it once, or 3 times');
    }
  }

  private warnOfUnused(transform: TransformationParameter): void {
    const names = [
      ...(['scale', 'mirror', 'cropSize', 'cropH', 'cropW'] as const)
        .filter((name) => has(transform, name))
        .map((name) => `transform_param.${snakeCase(name)}`),
      ...unusedFields
        .filter((name) => has(this.augmentation, name))
        .map((name) => `detectnet_augmentation_param.${snakeCase(name)}`),
    ];
    if (names.length > 0) this.context.warn(`DetectNetTransformation does not use ${names.join(', ')}`);
  }
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
