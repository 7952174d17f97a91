import { CaffeError, type DetectNetAugmentationParameter } from '@jacinto/proto';
import type { RecordRandom } from '../transform/record-random.ts';
import { rotationOf } from './rotation.ts';

/** Height and width in pixels. */
export interface Size {
  height: number;
  width: number;
}

/** What happens to one picture and its boxes, in this order. */
export interface Augmentation {
  /** Degrees to turn the hue by. */
  hue: number;
  /** Factor of the saturation. */
  saturation: number;
  flip: boolean;
  /** The size it is scaled to. */
  height: number;
  width: number;
  /** Degrees, clockwise as seen. */
  rotation: number;
  /** Where the output begins in the scaled and turned picture; negative: outside it. */
  top: number;
  left: number;
}

/** Only resized to the output's size, as in TEST. */
export function resizeOnly(output: Size): Augmentation {
  return { hue: 0, saturation: 1, flip: false, ...output, rotation: 0, top: 0, left: 0 };
}

/**
 * Draws an augmentation. There are always twelve draws, so that changing a probability changes nothing else: hue and
 * its angle, desaturation and its amount, flip, scale and its factor, rotation and its angle, crop, its x and its y.
 * Without a random crop the middle is taken.
 */
export function drawAugmentation(
  param: DetectNetAugmentationParameter,
  picture: Size,
  output: Size,
  random: RecordRandom,
): Augmentation {
  const happens = (probability: number): boolean => random.uniform(0, 1) < probability;
  const between = (condition: boolean, low: number, high: number, otherwise: number): number => {
    const value = random.uniform(low, high);
    return condition ? value : otherwise;
  };
  const turn = Math.min(Math.abs(param.hueRotation), 180);
  const hue = between(happens(param.hueRotationProb), -turn, turn, 0);
  const saturation = 1 - between(happens(param.desaturationProb), 0, param.desaturationMax, 0);
  const flip = happens(param.flipProb);
  const scale = between(happens(param.scaleProb), param.scaleMin, param.scaleMax, 1);
  const rotation = between(happens(param.rotationProb), -param.maxRotateDegree, param.maxRotateDegree, 0);
  const cropped = happens(param.cropProb);
  const [partX, partY] = [between(cropped, 0, 1, 0.5), between(cropped, 0, 1, 0.5)];
  const height = Math.max(1, Math.round(picture.height * scale));
  const width = Math.max(1, Math.round(picture.width * scale));
  const whole = rotation === 0 ? { height, width } : rotationOf(height, width, rotation);
  const offset = (part: number, room: number, shift: number): number => {
    const exact = part * (room + shift) - Math.floor(shift / 2);
    return Math.sign(exact) * Math.round(Math.abs(exact));
  };
  return {
    hue,
    saturation,
    flip,
    height,
    width,
    rotation,
    top: offset(partY, whole.height - output.height, cropped ? param.shiftY : 0),
    left: offset(partX, whole.width - output.width, cropped ? param.shiftX : 0),
  };
}

/** Fields of the message that no DetectNetTransformation reads. */
export const unusedFields = ['resizeParam', 'noiseParam', 'emitConstraint', 'distortParam', 'expandParam'] as const;

const limits = [
  ['crop_prob', 'cropProb', 0, 1],
  ['scale_prob', 'scaleProb', 0, 1],
  ['scale_min', 'scaleMin', 0.01, 100],
  ['scale_max', 'scaleMax', 0.01, 100],
  ['flip_prob', 'flipProb', 0, 1],
  ['rotation_prob', 'rotationProb', 0, 1],
  ['max_rotate_degree', 'maxRotateDegree', -360, 360],
  ['hue_rotation_prob', 'hueRotationProb', 0, 1],
  ['hue_rotation', 'hueRotation', -360, 360],
  ['desaturation_prob', 'desaturationProb', 0, 1],
  ['desaturation_max', 'desaturationMax', 0, 1],
] as const;

/** @throws CaffeError 'bad-value' naming the first field out of its range. */
export function checkAugmentation(param: DetectNetAugmentationParameter): void {
  for (const [field, name, low, high] of limits) {
    const value = param[name];
    if (!(value >= low && value <= high)) throw bad(field, `is ${value}`, `use ${low} to ${high}`);
  }
  if (param.scaleMin > param.scaleMax) {
    throw bad('scale_min', `is ${param.scaleMin}, above scale_max (${param.scaleMax})`, 'use at most that');
  }
}

function bad(field: string, problem: string, fix: string): CaffeError {
  return new CaffeError({ code: 'bad-value', field: `detectnet_augmentation_param.${field}`, problem, fix });
}
