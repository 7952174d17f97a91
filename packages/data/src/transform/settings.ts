import { type BlobProto, blobShape, blobValues, CaffeError, has, type TransformationParameter } from '@jacinto/proto';
import type { ColorMode } from '../image/decode.ts';
import type { Interpolation } from '../image/resize.ts';

/** Limits of the random resize of a picture before it is cropped. */
export interface RandomResize {
  /** Length of the short side, uniform in lower … upper; 0: as it is. */
  lower: number;
  upper: number;
  /** Long side ÷ short side, uniform; upper ≤ 1: as it is. */
  ratioLower: number;
  ratioUpper: number;
  verticalLower: number;
  verticalUpper: number;
  horizontalLower: number;
  horizontalUpper: number;
  down: Interpolation;
  up: Interpolation;
  allowUpscale: boolean;
}

/** Means to subtract, C,H,W. */
export interface MeanImage {
  channels: number;
  height: number;
  width: number;
  values: Float32Array;
}

/** A TransformationParameter ready for use: plain data that can be handed to a worker. */
export interface TransformSettings {
  scale: number;
  mirror: boolean;
  /** Crop of raw datums; 0: none. */
  cropSize: number;
  /** Crop of pictures, height and width; 0: none. */
  cropHeight: number;
  cropWidth: number;
  meanFile?: string;
  mean?: MeanImage;
  /** One a channel, or one for all. */
  meanValues: number[];
  colorMode: ColorMode;
  train: boolean;
  resize?: RandomResize;
}

const interpolations: readonly Interpolation[] = ['nearest', 'linear', 'cubic', 'area'];

/**
 * Checks a transform_param and reads its mean file.
 * @param train TRAIN phase: crops lie at random places; else in the middle.
 * @param readMean Reads a mean file by the path of the prototxt.
 * @throws CaffeError 'bad-value', or what `readMean` throws.
 */
export function transformSettings(
  param: TransformationParameter,
  train: boolean,
  readMean: (path: string) => BlobProto,
): TransformSettings {
  if (param.meanFile !== undefined && param.meanValue.length > 0) {
    throw bad('mean_file', 'and mean_value are both given', 'give one of them');
  }
  if (param.forceColor && param.forceGray) throw bad('force_color', 'and force_gray are both true', 'set one of them');
  for (const [field, value] of [
    ['crop_size', param.cropSize],
    ['crop_h', param.cropH],
    ['crop_w', param.cropW],
  ] as const) {
    if (value < 0) throw bad(field, `is ${value}`, 'use 0 (no crop) or a length in pixels');
  }
  const { cropSize } = param;
  return {
    scale: Math.fround(param.scale),
    mirror: param.mirror,
    cropSize,
    cropHeight: cropSize > 0 && param.cropH > 0 ? param.cropH : cropSize,
    cropWidth: cropSize > 0 && param.cropW > 0 ? param.cropW : cropSize,
    meanFile: param.meanFile,
    mean: param.meanFile === undefined ? undefined : meanOf(readMean(param.meanFile), param.meanFile),
    meanValues: param.meanValue.map(Math.fround),
    colorMode: param.forceColor ? 'color' : param.forceGray ? 'gray' : 'native',
    train,
    resize: resizeOf(param),
  };
}

function meanOf(blob: BlobProto, file: string): MeanImage {
  const shape = blobShape(blob);
  const [channels = 1, height = 1, width = 1] = shape.slice(-3);
  const values = Float32Array.from(blobValues(blob));
  const count = channels * height * width;
  if (values.length !== count || count === 0) {
    throw new CaffeError({
      code: 'bad-file',
      file,
      problem: `is no mean image: shape ${shape.join(' ')} with ${values.length} values`,
      fix: 'make it with compute_image_mean',
    });
  }
  return { channels, height, width, values };
}

function resizeOf(param: TransformationParameter): RandomResize | undefined {
  const { imgRandResizeLower: lower, imgRandResizeUpper: upper } = param;
  const optional = [
    'randResizeRatioLower',
    'randResizeRatioUpper',
    'verticalStretchLower',
    'verticalStretchUpper',
    'horizontalStretchLower',
    'horizontalStretchUpper',
  ] as const;
  if (lower === 0 && upper === 0 && !optional.some((field) => has(param, field))) return undefined;
  if (upper < lower) {
    throw bad('img_rand_resize_upper', `is ${upper}, below img_rand_resize_lower (${lower})`, 'use at least that');
  }
  if (param.randResizeRatioUpper !== 0 && param.randResizeRatioUpper < Math.max(1, param.randResizeRatioLower)) {
    throw bad(
      'rand_resize_ratio_upper',
      `is ${param.randResizeRatioUpper}`,
      'use at least rand_resize_ratio_lower, which is 1 or more: the ratio is long side ÷ short side',
    );
  }
  return {
    lower,
    upper,
    ratioLower: Math.max(1, param.randResizeRatioLower),
    ratioUpper: param.randResizeRatioUpper,
    verticalLower: param.verticalStretchLower,
    verticalUpper: param.verticalStretchUpper,
    horizontalLower: param.horizontalStretchLower,
    horizontalUpper: param.horizontalStretchUpper,
    down: interpolations[param.interpolationAlgoDown]!,
    up: interpolations[param.interpolationAlgoUp]!,
    allowUpscale: param.allowUpscale,
  };
}

function bad(field: string, problem: string, fix: string): CaffeError {
  return new CaffeError({ code: 'bad-value', field: `transform_param.${field}`, problem, fix });
}
