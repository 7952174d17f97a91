import { describe, expect, it } from 'vitest';
import { formatNumber } from './format-number.ts';

describe('formatNumber', () => {
  // what std::cout prints
  it.each([
    [0, '0'],
    [-0, '-0'],
    [1, '1'],
    [100, '100'],
    [0.1, '0.1'],
    [1.62509, '1.62509'],
    [0.0170202, '0.0170202'],
    [0.628906, '0.628906'],
    [123456, '123456'],
    [1234567, '1.23457e+06'],
    [999999.5, '1e+06'],
    [0.0001, '0.0001'],
    [0.00001234567, '1.23457e-05'],
    [1e-45, '1e-45'],
    [1e100, '1e+100'],
    [-2.5, '-2.5'],
    [0.5390625, '0.539062'], // ties go to the even digit
    [0.5390635, '0.539064'],
    [0.6289065, '0.628907'],
    [1000000.5, '1e+06'],
    [100000.5, '100000'],
    [100001.5, '100002'],
    [0.00012345, '0.00012345'],
    [61.599998474121094, '61.6'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
