import { philox } from '@jacinto/core-tensor';

/**
 * Random numbers 0 ≤ u < 1 of 24 bits by index: those of `randomAt(seed, stream, draw, i)`, but four at a time where
 * they are asked for in order. `draw` is below 2³².
 */
export function uniforms(seed: number, stream: number, draw: number): (i: number) => number {
  const words = new Uint32Array(4);
  const [low, high] = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0];
  let held = -1;
  return (i) => {
    const block = Math.floor(i / 4);
    if (block !== held) {
      philox(block, draw, stream, 0, low, high, words);
      held = block;
    }
    return (words[i & 3]! >>> 8) / 2 ** 24;
  };
}
