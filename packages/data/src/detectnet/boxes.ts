import { CaffeError } from '@jacinto/proto/errors';
import type { Augmentation } from './augmentation.ts';
import { rotationOf } from './rotation.ts';

/** An object of a picture, in pixels. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  /** The number its class has in the label list. */
  classNumber: number;
}

/** Values of a row of a label list. */
const rowLength = 16;
const form =
  'a list is a row "count 16", filled up with zeros, then a row of 16 for each box: x y width height angle class …';

/**
 * The boxes of one item's label list, as DIGITS writes them: rows of 16 values, the first "count 16 0 …", then for each
 * box x, y, width, height, angle, class and ten more that coverage does not need.
 * @throws CaffeError 'bad-data' where it is no such list.
 */
export function readBoxes(list: Float32Array, item: number): Box[] {
  const bad = (problem: string): CaffeError =>
    new CaffeError({ code: 'bad-data', problem: `bottom[1], item ${item}: ${problem}`, fix: form });
  const [count, length] = [list[0]!, list[1]!];
  if (length !== rowLength) throw bad(`the list says that a box has ${length} values`);
  const most = Math.floor(list.length / rowLength) - 1;
  if (!Number.isInteger(count) || count < 0 || count > most) {
    throw bad(`the list says that it has ${count} boxes; there is room for 0 to ${most}`);
  }
  return Array.from({ length: count }, (_, i) => {
    const row = list.subarray((i + 1) * rowLength, (i + 2) * rowLength);
    const [x, y, width, height, , classNumber] = row as unknown as [number, number, number, number, number, number];
    const wrong = [x, y, width, height, classNumber].find((value) => !Number.isFinite(value));
    if (wrong !== undefined) throw bad(`box ${i} has the value ${wrong}`);
    return { x, y, width, height, classNumber: Math.trunc(classNumber) };
  });
}

/** Where boxes of a height × width picture lie in the augmented one. A turned box keeps its size; its middle moves. */
export function moveBoxes(boxes: readonly Box[], height: number, width: number, augmentation: Augmentation): Box[] {
  const { flip, rotation, top, left } = augmentation;
  const [scaleX, scaleY] = [augmentation.width / width, augmentation.height / height];
  const turn = rotation === 0 ? undefined : rotationOf(augmentation.height, augmentation.width, rotation);
  return boxes.map((box) => {
    const moved = {
      ...box,
      x: (flip ? width - box.x - box.width - 1 : box.x) * scaleX,
      y: box.y * scaleY,
      width: box.width * scaleX,
      height: box.height * scaleY,
    };
    if (turn !== undefined) {
      const [x, y] = [moved.x + moved.width / 2, moved.y + moved.height / 2];
      moved.x = turn.cosine * x - turn.sine * y + turn.moveX - moved.width / 2;
      moved.y = turn.sine * x + turn.cosine * y + turn.moveY - moved.height / 2;
    }
    moved.x -= left;
    moved.y -= top;
    return moved;
  });
}
