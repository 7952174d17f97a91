import type { RandomStream } from '@jacinto/core-tensor';
import type { ValueRule } from './layer-case.ts';

/** `count` values as a rule says; without a rule gaussian, mean 0 and std 1. */
export function draw(count: number, rule: ValueRule | undefined, random: RandomStream): Float32Array {
  const values = new Float32Array(count);
  const next = nextValue(count, rule ?? { gaussian: {} }, random);
  for (let i = 0; i < count; i++) values[i] = next(i);
  return values;
}

function nextValue(count: number, rule: ValueRule, random: RandomStream): (i: number) => number {
  if ('gaussian' in rule) {
    const { mean = 0, std = 1 } = rule.gaussian;
    return () => random.gaussian(mean, std);
  }
  if ('uniform' in rule) return () => random.uniform(...rule.uniform);
  if ('integers' in rule) return () => random.integer(rule.integers);
  if ('constant' in rule) return () => rule.constant;
  if ('values' in rule) return (i) => rule.values[i % rule.values.length]!;
  const order = Array.from({ length: count }, (_, i) => i - (count - 1) / 2);
  random.shuffle(order);
  return (i) => order[i]! * rule.spaced;
}
