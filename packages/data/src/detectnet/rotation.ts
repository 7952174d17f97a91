import type { Planes } from '../image/resize-planes.ts';
import { roundHalfEven } from '../image/scale.ts';

/** Turns a rectangle about its middle and moves it so that what encloses it begins at 0,0: x' = c·x − s·y + moveX, y' = s·x + c·y + moveY. */
export interface Rotation {
  cosine: number;
  sine: number;
  moveX: number;
  moveY: number;
  /** The enclosing rectangle, in pixels. */
  height: number;
  width: number;
}

/** @param degrees Clockwise as seen, since y points down. The enclosure is that of cv::RotatedRect::boundingRect. */
export function rotationOf(height: number, width: number, degrees: number): Rotation {
  const angle = (degrees * Math.PI) / 180;
  const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
  const reachX = (Math.abs(cosine) * width + Math.abs(sine) * height) / 2;
  const reachY = (Math.abs(sine) * width + Math.abs(cosine) * height) / 2;
  // In single precision, where a quarter turn's corners fall on whole numbers.
  const left = Math.floor(Math.fround(width / 2 - reachX));
  const top = Math.floor(Math.fround(height / 2 - reachY));
  return {
    cosine,
    sine,
    moveX: width / 2 - (cosine * width - sine * height) / 2 - left,
    moveY: height / 2 - (sine * width + cosine * height) / 2 - top,
    width: Math.ceil(Math.fround(width / 2 + reachX)) - left + 1,
    height: Math.ceil(Math.fround(height / 2 + reachY)) - top + 1,
  };
}

/**
 * cv::warpAffine with INTER_LINEAR and BORDER_TRANSPARENT onto zeros: positions in steps of 1/32 pixel; a value is
 * written only where all four neighbours lie inside, so the last row and column have no pixel of their own.
 */
export function rotatePlanes(planes: Planes, rotation: Rotation): Planes {
  const { channels, values } = planes;
  const { cosine, sine, moveX, moveY, height, width } = rotation;
  const out = new Float32Array(channels * height * width);
  const [size, area] = [planes.height * planes.width, height * width];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const across = roundHalfEven(32 * (cosine * (x - moveX) + sine * (y - moveY)));
      const down = roundHalfEven(32 * (cosine * (y - moveY) - sine * (x - moveX)));
      const [column, row] = [across >> 5, down >> 5];
      if (column < 0 || row < 0 || column >= planes.width - 1 || row >= planes.height - 1) continue;
      const [right, below] = [(across & 31) / 32, (down & 31) / 32];
      for (let c = 0; c < channels; c++) {
        const at = c * size + row * planes.width + column;
        const upper = values[at]! * (1 - right) + values[at + 1]! * right;
        const lower = values[at + planes.width]! * (1 - right) + values[at + planes.width + 1]! * right;
        out[c * area + y * width + x] = upper * (1 - below) + lower * below;
      }
    }
  }
  return { channels, height, width, values: out };
}
