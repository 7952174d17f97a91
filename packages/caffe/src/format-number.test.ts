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
    [61.599998474121094, '61.6'],
    [Number.NaN, 'nan'],
    [Number.POSITIVE_INFINITY, 'inf'],
    [Number.NEGATIVE_INFINITY, '-inf'],
  ])('%d is %s', (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });
});
