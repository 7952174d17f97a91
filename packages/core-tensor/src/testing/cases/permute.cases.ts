import { countOf } from '../../tensor.ts';
import { type CaseTable, input, type OperationCase, output } from '../case.ts';

function permuteCase(shape: readonly number[], order: readonly number[], gradient = false): OperationCase {
  const count = countOf(shape);
  return {
    name: `${shape.join('x')} order=${order.join(',')}`,
    arrays: { x: input(count), y: output(count, 'exact'), dy: input(count), dx: output(count, 'exact') },
    prepare(backend) {
      const operation = backend.permute({ shape, order });
      return {
        forward: (v) => operation.forward(v['x']!, v['y']!),
        backward: (v) => operation.backward(v['dy']!, v['dx']!),
      };
    },
    ...(gradient ? { gradientOf: ['x'] } : {}),
    work: { forward: { bytes: 8 * count }, backward: { bytes: 8 * count } },
  };
}

const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 17];

export const permuteCases: CaseTable = {
  operation: 'permute',
  cases: [
    ...lengths.map((length) => permuteCase([3, length], [1, 0])),
    ...lengths.map((length) => permuteCase([2, length, 3, 2], [0, 2, 3, 1])),
    permuteCase([2, 3, 4, 5], [0, 2, 3, 1], true),
    permuteCase([2, 3, 4], [2, 0, 1], true),
    permuteCase([7], [0]),
    permuteCase([2, 3, 4, 5], [0, 1, 2, 3]),
    permuteCase([2, 3, 4, 5], [3, 2, 1, 0]),
    permuteCase([2, 3, 4, 5], [1, 0, 2, 3]),
    permuteCase([2, 3, 2, 2, 3], [4, 1, 3, 0, 2]),
    permuteCase([1, 24, 19, 19], [0, 2, 3, 1]),
    permuteCase([33, 65], [1, 0]),
    permuteCase([3, 18, 35], [0, 2, 1]),
    permuteCase([2, 19, 3, 21], [2, 0, 3, 1]),
    permuteCase([5, 2, 40], [1, 2, 0]),
  ],
  bench: [permuteCase([16, 128, 32, 32], [0, 2, 3, 1]), permuteCase([1024, 1024], [1, 0])],
};
