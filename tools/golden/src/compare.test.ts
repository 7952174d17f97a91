import { expect, it } from 'vitest';
import { Comparison, largestOf, relativeError } from './compare.ts';
import { outcomeOf } from './finish.ts';
import { failed, missing, outcomeText, passed, tallyText } from './outcome.ts';

it.each([
  ['equal values', [1, -2], [1, -2], 0],
  ['a difference, by the largest value', [1, -2.5], [1, -2], 0.25],
  ['zeros, absolutely', [0.5], [0], 0.5],
  ['NaN as NaN', [Number.NaN, 1], [Number.NaN, 1], 0],
  ['NaN for a number', [Number.NaN], [1], Number.POSITIVE_INFINITY],
  ['a number for NaN', [1], [Number.NaN], Number.POSITIVE_INFINITY],
  ['infinities of one sign', [Number.POSITIVE_INFINITY, 2], [Number.POSITIVE_INFINITY, 2], 0],
  ['infinities of two signs', [Number.POSITIVE_INFINITY], [Number.NEGATIVE_INFINITY], Number.POSITIVE_INFINITY],
  ['another count', [1], [1, 2], Number.POSITIVE_INFINITY],
  ['nothing', [], [], 0],
])('compares %s', (_, actual, expected, error) => {
  expect(relativeError(actual, expected)).toBe(error);
});

it('judges rounding noise by the scale of its like, and nothing larger', () => {
  expect(relativeError([3e-7], [-4e-7], 10)).toBeCloseTo(7e-8, 12);
  expect(relativeError([3e-3], [4e-3], 10)).toBeCloseTo(0.25, 12);
  expect(largestOf([1, Number.NaN, -3, Number.POSITIVE_INFINITY])).toBe(3);
});

it('tells what is wrong, the worst error and the tally', () => {
  const comparison = new Comparison();
  comparison.add('blob x data', 1e-7, 1e-4);
  comparison.add('blob y diff', 3.14e-6, 1e-4);
  const good = outcomeOf('conv_big', comparison);
  expect(outcomeText(good)).toBe('passed   conv_big  3.1e-6 in blob y diff');
  comparison.add('param L[0]', 0.5, 1e-4);
  const bad = outcomeOf('pool', comparison);
  expect(outcomeText(bad)).toBe('failed   pool  5.0e-1 in param L[0]  wrong: param L[0] (5.0e-1)');
  expect(tallyText([good])).toBe('1 passed, 0 failed, 0 missing; worst error 3.1e-6 in conv_big (blob y diff)');
  expect(tallyText([good, bad, missing('m', 'why')])).toBe(
    '1 passed, 1 failed, 1 missing; worst error 5.0e-1 in pool (param L[0])',
  );
  expect(tallyText([passed('a'), failed('b', 'why')])).toBe('1 passed, 1 failed, 0 missing');
});
