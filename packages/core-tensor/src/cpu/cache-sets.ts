// A first cache of the usual kind: its way has 64 lines of 64 bytes, so addresses 4 KiB apart share the few places of one
// set. What is read together and lies at a power of two from channel to channel would meet there and push each other out.

const lineValues = 16;
const waySets = 64;

/** The lines in which pieces of `piece` values at `offsets` lie. */
export function linesOf(offsets: readonly number[], piece: number): Set<number> {
  const lines = new Set<number>();
  for (const at of offsets) {
    const end = at + piece - 1;
    for (let line = Math.floor(at / lineValues); line <= end / lineValues; line++) lines.add(line);
  }
  return lines;
}

/** At least `length` values, in an odd number of lines: pieces so far apart take turns in all sets. */
export function oddLines(length: number): number {
  const lines = Math.ceil(length / lineValues);
  return (lines + 1 - (lines % 2)) * lineValues;
}

/**
 * A distance of at least `length` values from channel to channel, with which pieces of `piece` values at `offsets` in each
 * of so many channels spread evenly over the sets.
 */
export function spreadPlanes(length: number, offsets: readonly number[], piece: number, channels: number): number {
  const lines = linesOf(offsets, piece);
  const crowding = (distance: number): number => {
    const sets = new Int32Array(waySets);
    for (const line of lines) for (let c = 0; c < channels; c++) sets[(line + c * distance) % waySets]!++;
    return sets.reduce((sum, count) => sum + count * count, 0);
  };
  const least = Math.ceil(length / lineValues);
  let best = { distance: least, crowding: crowding(least) };
  for (let distance = least + 1; distance < least + waySets; distance++) {
    const here = crowding(distance);
    if (here < 0.97 * best.crowding) best = { distance, crowding: here };
  }
  return best.distance * lineValues;
}
