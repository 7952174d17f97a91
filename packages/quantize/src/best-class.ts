/** The class of the largest of `count` scores from `from` on; of equals the last, as Caffe's Accuracy. */
export function bestClass(scores: ArrayLike<number>, from: number, count: number): number {
  let found = 0;
  for (let i = 1; i < count; i++) if (scores[from + i]! >= scores[from + found]!) found = i;
  return found;
}
