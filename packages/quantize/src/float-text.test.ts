import { expect, it } from 'vitest';
import { floatText } from './float-text.ts';

it.each([
  [0, '0'],
  [-0, '-0'],
  [8, '8'],
  [-0.25, '-0.25'],
  [0.4140625, '0.414062'],
  [0.4296875, '0.429688'],
  [2363.831, '2363.83'],
  [160022.4, '160022'],
  [999999.7, '1e+06'],
  [1234567, '1.23457e+06'],
  [0.00012345678, '0.000123457'],
  [0.000012345678, '1.23457e-05'],
  [1e-20, '1e-20'],
  [-3.5e12, '-3.5e+12'],
  [9.44473e21, '9.44473e+21'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
  [Number.NaN, 'nan'],
])('%d is printed %s', (value, text) => {
  expect(floatText(value)).toBe(text);
});
