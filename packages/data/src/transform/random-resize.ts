import type { Image } from '../image/image.ts';
import { resize } from '../image/resize.ts';
import type { RecordRandom } from './record-random.ts';
import type { RandomResize } from './settings.ts';

/** Height and width after the random resize (Caffe: DataTransformer::TransformV1's image_random_resize). */
export function randomSize(
  { height, width }: { height: number; width: number },
  limits: RandomResize,
  crop: { height: number; width: number },
  random: RecordRandom,
): { height: number; width: number } {
  const short = Math.min(height, width);
  const long = Math.max(height, width);
  const { lower, upper } = limits;
  const newShort = lower > 0 && upper > 0 ? lower + random.integer(upper - lower + 1) : short;
  const ratio = limits.ratioUpper > 0 ? random.uniform(limits.ratioLower, limits.ratioUpper) : long / short;
  const tall = height === width ? random.integer(2) === 1 : height > width;
  let newHeight = tall ? newShort * ratio : newShort;
  let newWidth = tall ? newShort : newShort * ratio;
  newHeight *= random.uniform(limits.verticalLower, limits.verticalUpper);
  newWidth *= random.uniform(limits.horizontalLower, limits.horizontalUpper);
  const finish = (length: number, least: number, most: number): number => {
    const rounded = Math.max(1, Math.floor(length + 0.5), least);
    return limits.allowUpscale ? rounded : Math.min(rounded, most);
  };
  return { height: finish(newHeight, crop.height, height), width: finish(newWidth, crop.width, width) };
}

/** The picture resized at random; by one method where a side grows, by another where none does. */
export function randomResize(
  image: Image,
  limits: RandomResize,
  crop: { height: number; width: number },
  random: RecordRandom,
): Image {
  const { height, width } = randomSize(image, limits, crop, random);
  if (height === image.height && width === image.width) return image;
  const grows = height > image.height || width > image.width;
  return resize(image, height, width, grows ? limits.up : limits.down);
}
