import { expect, it } from 'vitest';
import { moveBoxes } from './boxes.ts';
import { rotatePlanes, rotationOf } from './rotation.ts';

/** 10·y + x. */
const planes = {
  ...{ channels: 1, height: 4, width: 4 },
  values: Float32Array.from({ length: 16 }, (_, i) => 10 * (i >> 2) + (i & 3)),
};

it('makes room for the turned picture', () => {
  // 20·cos 30° + 10·sin 30° = 22.32 about 10: −1.16 … 21.16; 18.66 about 5: −4.33 … 14.33.
  expect(rotationOf(10, 20, 30)).toMatchObject({ width: 22 + 2 + 1, height: 15 + 5 + 1 });
  expect(rotationOf(10, 20, -30)).toMatchObject({ width: 25, height: 21 });
});

it('turns clockwise, without the last row and column', () => {
  const { height, width, values } = rotatePlanes(planes, rotationOf(4, 4, 90));
  expect([height, width]).toEqual([5, 5]);
  expect([...values]).toEqual([0, 0, 20, 10, 0, 0, 0, 21, 11, 1, 0, 0, 22, 12, 2, ...new Array(10).fill(0)]);
});

it('takes the mean of four neighbours between pixels', () => {
  const moved = { cosine: 1, sine: 0, moveX: 0.5, moveY: 0.25, height: 3, width: 3 };
  // 10·(y − 0.25) + x − 0.5, where that is inside.
  expect([...rotatePlanes(planes, moved).values]).toEqual([0, 0, 0, 0, 8, 9, 0, 18, 19]);
});

it('moves a box’s middle as it turns the picture', () => {
  const turned = { hue: 0, saturation: 1, flip: false, height: 4, width: 4, rotation: 90, top: 0, left: 1 };
  const [box] = moveBoxes([{ x: 0, y: 0, width: 2, height: 1, classNumber: 1 }], 4, 4, turned);
  // The middle 1, 0.5 comes to 4 − 0.5, 1, and the crop begins at 1.
  expect(box!.x).toBeCloseTo(1.5, 9);
  expect(box!.y).toBeCloseTo(0.5, 9);
  expect([box!.width, box!.height]).toEqual([2, 1]);
});
