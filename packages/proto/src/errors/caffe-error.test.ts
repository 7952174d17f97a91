import { expect, it } from 'vitest';
import { addingFacts, CaffeError, nearest, unknownName } from './index.ts';

it('gains facts level by level; the level nearest to the fault knows best', () => {
  const thrown = new CaffeError({
    code: 'bad-value',
    field: 'pad',
    problem: 'is 3',
    fix: 'use 0 to 2',
    layer: undefined,
  });
  const error = thrown
    .with({ layer: 'pool1', layerType: 'Pooling', problem: 'other' })
    .with({ file: 'a.prototxt', line: 4 });
  expect(error.message).toBe('a.prototxt:4: layer "pool1" (Pooling): pad is 3; use 0 to 2');
  expect(error.stack).toBe(thrown.stack);
});

it('gains facts from sync and async bodies; other errors pass', async () => {
  const fail = () => {
    throw new CaffeError({ code: 'io', problem: 'no' });
  };
  expect(() => addingFacts({ file: 'f' }, fail)).toThrow('f: no');
  await expect(addingFacts({ file: 'f' }, async () => fail())).rejects.toThrow('f: no');
  const other = new TypeError('x');
  expect(() =>
    addingFacts({ file: 'f' }, () => {
      throw other;
    }),
  ).toThrow(other);
});

it('finds the nearest name, or none', () => {
  expect(nearest('ReLu', ['ReLU', 'PReLU'])).toBe('ReLU');
  expect(nearest('kernle_size', ['kernel_size', 'kernel_h'])).toBe('kernel_size');
  expect(nearest('zzzzzz', ['ReLU'])).toBeUndefined();
  expect(unknownName('type', 'zzzzzz', ['a', 'b']).message).toBe('type "zzzzzz" is not known; use one of a, b');
});
