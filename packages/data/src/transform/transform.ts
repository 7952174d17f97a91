import { CaffeError } from '@jacinto/proto/errors';
import type { DatumValues } from '../datum/datum.ts';
import type { Image } from '../image/image.ts';
import type { JpegPicture } from '../jpeg/jpeg-picture.ts';
import type { PixelWindow } from '../jpeg/sampling.ts';
import { randomResize } from './random-resize.ts';
import type { RecordRandom } from './record-random.ts';
import type { TransformSettings } from './settings.ts';

/** C,H,W of a transformed record. */
export type RecordShape = readonly [channels: number, height: number, width: number];

/** A transformed record: its shape, and a function that writes its values C,H,W. */
export interface Transformed {
  shape: RecordShape;
  write(out: Float32Array, at: number): void;
}

/** How values lie in memory: index of c,y,x is c·channelStep + y·rowStep + x·columnStep. */
interface Layout {
  channelStep: number;
  rowStep: number;
  columnStep: number;
}

/** What a picture's random draws and settings come to. */
interface PicturePlan {
  window: PixelWindow;
  isMirrored: boolean;
  /** Place of the window in the mean image. */
  meanTop: number;
  meanLeft: number;
}

/**
 * Transforms a datum that is not encoded (Caffe: DataTransformer on Datum): mirror, crop, (x − mean)·scale. A mean image
 * has the datum's own size and is subtracted where the values lie. Draws, in this order: mirror, top, left.
 * @throws CaffeError 'bad-data' or 'bad-value' where crop or means do not fit.
 */
export function transformValues(settings: TransformSettings, datum: DatumValues, random: RecordRandom): Transformed {
  const { channels, height, width, values } = datum;
  const { mean } = settings;
  if (mean !== undefined && (mean.channels !== channels || mean.height !== height || mean.width !== width)) {
    throw meanMismatch(settings, `${channels}×${height}×${width}`, 'is');
  }
  const mirrored = settings.mirror && random.integer(2) === 1;
  const window = cropWindow(settings, height, width, settings.cropSize, settings.cropSize, random);
  const layout = { channelStep: height * width, rowStep: width, columnStep: 1 };
  const meanTop = window.top;
  const meanLeft = window.left;
  return transformed(settings, values, layout, channels, window, mirrored, meanTop, meanLeft);
}

/**
 * Transforms a picture (Caffe: DataTransformer on cv::Mat): random resize, crop, (x − mean)·scale, mirror. The middle
 * of a mean image is subtracted, whatever place was cropped.
 * @throws CaffeError 'bad-data' or 'bad-value' where crop or means do not fit.
 */
export function transformImage(settings: TransformSettings, picture: Image, random: RecordRandom): Transformed {
  const crop = { height: settings.cropHeight, width: settings.cropWidth };
  const image = settings.resize === undefined ? picture : randomResize(picture, settings.resize, crop, random);
  const { window, isMirrored, meanTop, meanLeft } = planPicture(settings, image, random);
  const { channels, width, data } = image;
  const layout = { channelStep: 1, rowStep: width * channels, columnStep: channels };
  return transformed(settings, data, layout, channels, window, isMirrored, meanTop, meanLeft);
}

/**
 * The same for a JPEG that is not decoded yet, in one pass: only the part that is wanted is decoded, straight to values.
 * @returns undefined where the picture must be decoded as a whole: its data are damaged, or the settings ask for more.
 * @throws CaffeError as `transformImage`.
 */
export function transformJpeg(
  settings: TransformSettings,
  picture: JpegPicture,
  random: RecordRandom,
): Transformed | undefined {
  if (settings.resize !== undefined || settings.mean !== undefined) return undefined;
  const { channels } = picture;
  const { window, isMirrored } = planPicture(settings, picture, random);
  const means = channelMeans(settings, channels);
  const write = picture.values(window, { isMirrored, scale: settings.scale, means });
  return write && { shape: [channels, window.height, window.width], write };
}

/** Draws, in this order: top, left, mirror. */
function planPicture(
  settings: TransformSettings,
  { channels, height, width }: Omit<Image, 'data'>,
  random: RecordRandom,
): PicturePlan {
  const { mean, cropHeight, cropWidth } = settings;
  const window = cropWindow(settings, height, width, cropHeight, cropWidth, random);
  const isMirrored = settings.mirror && random.integer(2) === 1;
  if (mean === undefined) return { window, isMirrored, meanTop: 0, meanLeft: 0 };
  const isCropped = cropHeight > 0;
  const fits = isCropped
    ? mean.height >= window.height && mean.width >= window.width
    : mean.height === height && mean.width === width;
  if (!fits || mean.channels !== channels) {
    throw meanMismatch(settings, `${channels}×${window.height}×${window.width}`, isCropped ? 'must cover' : 'is');
  }
  const meanTop = (mean.height - window.height) >> 1;
  const meanLeft = (mean.width - window.width) >> 1;
  return { window, isMirrored, meanTop, meanLeft };
}

function cropWindow(
  settings: TransformSettings,
  height: number,
  width: number,
  cropHeight: number,
  cropWidth: number,
  random: RecordRandom,
): PixelWindow {
  if (cropHeight === 0) return { top: 0, left: 0, height, width };
  if (cropHeight > height || cropWidth > width) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'transform_param.crop_size',
      problem: `asks for ${cropHeight}×${cropWidth} pixels of a picture of ${height}×${width} (height×width)`,
      fix: `use at most ${Math.min(height, width)}, or enlarge the pictures`,
    });
  }
  const top = settings.train ? random.integer(height - cropHeight + 1) : (height - cropHeight) >> 1;
  const left = settings.train ? random.integer(width - cropWidth + 1) : (width - cropWidth) >> 1;
  return { top, left, height: cropHeight, width: cropWidth };
}

function meanMismatch({ meanFile, mean }: TransformSettings, wanted: string, relation: string): CaffeError {
  const { channels, height, width } = mean!;
  return new CaffeError({
    code: 'bad-value',
    field: 'transform_param.mean_file',
    problem: `"${meanFile}" holds a mean of ${channels}×${height}×${width}, but the picture ${relation} ${wanted} (channels×height×width)`,
    fix: 'make the mean of this database with compute_image_mean, or use mean_value',
  });
}

function channelMeans({ meanValues }: TransformSettings, channels: number): number[] {
  if (meanValues.length === 0) return new Array<number>(channels).fill(0);
  if (meanValues.length === 1) return new Array<number>(channels).fill(meanValues[0]!);
  if (meanValues.length !== channels) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'transform_param.mean_value',
      problem: `is given ${meanValues.length} times, but the picture has ${channels} channels`,
      fix: `give it once, or ${channels} times`,
    });
  }
  return meanValues;
}

function transformed(
  settings: TransformSettings,
  values: Uint8Array | Float32Array,
  layout: Layout,
  channels: number,
  window: PixelWindow,
  mirrored: boolean,
  meanTop: number,
  meanLeft: number,
): Transformed {
  const means = channelMeans(settings, channels);
  const { mean, scale } = settings;
  const { top, left, height, width } = window;
  const step = mirrored ? -1 : 1;
  const write = (out: Float32Array, at: number): void => {
    for (let c = 0; c < channels; c++) {
      const channelMean = means[c]!;
      for (let y = 0; y < height; y++) {
        let from = c * layout.channelStep + (top + y) * layout.rowStep + left * layout.columnStep;
        let to = at + (c * height + y) * width + (mirrored ? width - 1 : 0);
        if (mean === undefined) {
          for (let x = 0; x < width; x++, from += layout.columnStep, to += step) {
            out[to] = Math.fround(values[from]! - channelMean) * scale;
          }
        } else {
          let meanAt = (c * mean.height + meanTop + y) * mean.width + meanLeft;
          for (let x = 0; x < width; x++, from += layout.columnStep, to += step) {
            out[to] = Math.fround(values[from]! - mean.values[meanAt++]!) * scale;
          }
        }
      }
    }
  };
  return { shape: [channels, height, width], write };
}
