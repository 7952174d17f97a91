import { elementGrain } from './engine.ts';

/** Items a block where an item is a pass over so many values. */
export function grainOf(valuesAnItem: number, valuesABlock: number = elementGrain): number {
  return Math.max(1, Math.round(valuesABlock / Math.max(1, valuesAnItem)));
}
