/**
 * The value at `index` (from 0) were values[0 … count) sorted upwards; they are reordered. No NaN. Hoare's selection:
 * linear on average, and on equal values; a run of bad pivots ends in a sort.
 */
export function nthSmallest(values: Float32Array, count: number, index: number): number {
  let low = 0;
  let high = count - 1;
  for (let budget = 2 * Math.ceil(Math.log2(count + 1)) + 4; high - low > 16; budget--) {
    if (budget === 0) break;
    const pivot = middleOf(values[low]!, values[(low + high) >> 1]!, values[high]!);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (index <= j) high = j;
    else if (index >= i) low = i;
    else return pivot;
  }
  values.subarray(low, high + 1).sort();
  return values[index]!;
}

function middleOf(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
