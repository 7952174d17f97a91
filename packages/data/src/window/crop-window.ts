import type { Image } from '../image/image.ts';
import { resize } from '../image/resize.ts';
import type { Window } from './window-list.ts';

export interface CropOptions {
  /** Length of the sides of the result. */
  size: number;
  /** Pixels of context around the window, counted in the result. */
  contextPad: number;
  /** Whether the window is first made square (crop_mode "square"), so that its content keeps its shape. */
  square: boolean;
  mirror: boolean;
}

/** A window's content, resized, and where it lies in the size × size result; the rest of that stays 0. */
export interface CroppedWindow {
  image: Image;
  top: number;
  left: number;
}

/** Cuts a window out of a picture and warps it to a square, as R-CNN does it (Caffe: WindowDataLayer::load_batch). */
export function cropWindow(
  picture: Image,
  window: Pick<Window, 'x1' | 'y1' | 'x2' | 'y2'>,
  { size, contextPad, square, mirror }: CropOptions,
): CroppedWindow {
  let { x1, y1, x2, y2 } = window;
  let [height, width, top, left] = [size, size, 0, 0];
  if (contextPad > 0 || square) {
    const scale = size / (size - 2 * contextPad);
    let halfHeight = (y2 - y1 + 1) / 2;
    let halfWidth = (x2 - x1 + 1) / 2;
    const [centerX, centerY] = [x1 + halfWidth, y1 + halfHeight];
    if (square) halfHeight = halfWidth = Math.max(halfHeight, halfWidth);
    x1 = round(centerX - halfWidth * scale);
    x2 = round(centerX + halfWidth * scale);
    y1 = round(centerY - halfHeight * scale);
    y2 = round(centerY + halfHeight * scale);
    // What lies beyond the picture stays 0 in the result.
    const [scaleX, scaleY] = [size / (x2 - x1 + 1), size / (y2 - y1 + 1)];
    const beyond = { x1: Math.max(0, -x1), y1: Math.max(0, -y1), x2: x2 - picture.width + 1 };
    left = round((mirror ? Math.max(0, beyond.x2) : beyond.x1) * scaleX);
    top = round(beyond.y1 * scaleY);
    [x1, y1] = [x1 + beyond.x1, y1 + beyond.y1];
    [x2, y2] = [Math.min(x2, picture.width - 1), Math.min(y2, picture.height - 1)];
    width = Math.min(round((x2 - x1 + 1) * scaleX), size - left);
    height = Math.min(round((y2 - y1 + 1) * scaleY), size - top);
  }
  const warped = resize(cut(picture, x1, y1, x2, y2), Math.max(1, height), Math.max(1, width), 'linear');
  return { image: mirror ? flipped(warped) : warped, top, left };
}

/** As C's round: halves away from 0. */
function round(value: number): number {
  return Math.sign(value) * Math.floor(Math.abs(value) + 0.5);
}

function cut({ width, channels, data }: Image, x1: number, y1: number, x2: number, y2: number): Image {
  const [rows, columns] = [y2 - y1 + 1, x2 - x1 + 1];
  const part = new Uint8Array(rows * columns * channels);
  for (let y = 0; y < rows; y++) {
    const from = ((y1 + y) * width + x1) * channels;
    part.set(data.subarray(from, from + columns * channels), y * columns * channels);
  }
  return { height: rows, width: columns, channels, data: part };
}

function flipped({ height, width, channels, data }: Image): Image {
  const mirrored = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * channels;
      mirrored.set(data.subarray(from, from + channels), (y * width + width - 1 - x) * channels);
    }
  }
  return { height, width, channels, data: mirrored };
}
