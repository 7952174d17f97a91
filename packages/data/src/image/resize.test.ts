import { expect, it } from 'vitest';
import { type Interpolation, resize } from './resize.ts';

// cv2.resize of OpenCV 4.14 (without IPP) on the same 3×4 grey image.
const source = [
  [0, 50, 200, 255],
  [10, 128, 77, 3],
  [255, 0, 31, 90],
];
const cases: [Interpolation, number, number, number[]][] = [
  [
    'nearest',
    5,
    6,
    [
      0, 0, 50, 200, 200, 255, 0, 0, 50, 200, 200, 255, 10, 10, 128, 77, 77, 3, 10, 10, 128, 77, 77, 3, 255, 255, 0, 31,
      31, 90,
    ],
  ],
  ['nearest', 2, 3, [0, 50, 200, 10, 128, 77]],
  ['nearest', 4, 2, [0, 200, 0, 200, 10, 77, 255, 31]],
  [
    'linear',
    5,
    6,
    [
      0, 25, 75, 175, 227, 255, 4, 43, 93, 139, 152, 154, 10, 69, 120, 85, 40, 3, 157, 104, 51, 50, 52, 55, 255, 127, 5,
      26, 60, 90,
    ],
  ],
  ['linear', 2, 3, [13, 119, 188, 167, 37, 64]],
  ['linear', 4, 2, [25, 227, 52, 110, 91, 48, 127, 60]],
  [
    'cubic',
    5,
    6,
    [
      0, 5, 69, 182, 255, 255, 0, 32, 108, 148, 160, 151, 0, 74, 132, 93, 35, 0, 170, 109, 44, 41, 38, 38, 255, 129, 0,
      10, 66, 105,
    ],
  ],
  ['cubic', 2, 3, [3, 128, 194, 176, 16, 58]],
  ['cubic', 4, 2, [6, 255, 46, 106, 99, 23, 128, 65]],
  [
    'area',
    5,
    6,
    [
      0, 25, 50, 200, 228, 255, 3, 40, 76, 159, 165, 171, 10, 69, 128, 77, 40, 3, 173, 108, 43, 46, 54, 61, 255, 128, 0,
      31, 61, 90,
    ],
  ],
  ['area', 2, 3, [22, 118, 168, 141, 44, 57]],
  ['area', 4, 2, [25, 228, 54, 102, 88, 47, 128, 61]],
];

it.each(cases)('%s to %d×%d as OpenCV', (method, height, width, wanted) => {
  const image = { height: 3, width: 4, channels: 1, data: Uint8Array.from(source.flat()) };
  expect([...resize(image, height, width, method).data]).toEqual(wanted);
  const colour = { ...image, channels: 3, data: Uint8Array.from(source.flat().flatMap((v) => [v, 255 - v, v])) };
  const made = resize(colour, height, width, method);
  expect([...made.data].filter((_, i) => i % 3 !== 1)).toEqual(wanted.flatMap((v) => [v, v]));
});

it('takes the average where linear halves both sides, as OpenCV does', () => {
  const data = Uint8Array.from({ length: 48 }, (_, i) => i * i * 7 + i * 13);
  const halved = resize({ height: 4, width: 4, channels: 3, data }, 2, 2);
  expect([...halved.data]).toEqual([119, 116, 127, 119, 136, 167, 135, 148, 111, 103, 136, 119]);
});

it('copies where the size stays', () => {
  const data = Uint8Array.of(1, 2);
  const same = resize({ height: 1, width: 2, channels: 1, data }, 1, 2);
  expect(same.data).toEqual(data);
  expect(same.data).not.toBe(data);
});
