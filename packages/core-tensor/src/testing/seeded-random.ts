import { RandomStream } from '../random.ts';

/** Random numbers for a test: the same for the same seed; name the seed in the test's title or message. */
export function seededRandom(seed: number): RandomStream {
  return new RandomStream(seed);
}

/** A seed from a name (FNV-1a), so that a case keeps its numbers when others are added. */
export function seedOf(name: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
