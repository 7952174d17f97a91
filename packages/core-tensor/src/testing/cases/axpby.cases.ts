import { type CaseTable, given, input, type OperationCase, output, tailCounts, updated } from '../case.ts';

function axpbyCase(count: number, alpha: number, beta: number): OperationCase {
  return {
    name: `alpha=${alpha} beta=${beta} n=${count}`,
    arrays: { x: input(count), y: beta === 0 ? output(count, 1e-6) : updated(count, 1e-6) },
    prepare(backend) {
      const operation = backend.axpby({ count });
      return { forward: (v) => operation.run(alpha, v['x']!, beta, v['y']!) };
    },
    work: { forward: { bytes: (beta === 0 ? 8 : 12) * count } },
  };
}

/** y over x: y = (alpha + beta)·x. */
function inPlaceCase(count: number, alpha: number, beta: number): OperationCase {
  return {
    name: `alpha=${alpha} beta=${beta} n=${count} in place`,
    arrays: { y: updated(count, 1e-6) },
    prepare(backend) {
      const operation = backend.axpby({ count });
      return { forward: (v) => operation.run(alpha, v['y']!, beta, v['y']!) };
    },
  };
}

export const axpbyCases: CaseTable = {
  operation: 'axpby',
  cases: [
    ...tailCounts.map((count) => axpbyCase(count, -0.5, 2)),
    ...tailCounts.map((count) => axpbyCase(count, 1, 1)),
    axpbyCase(37, 3, 0),
    axpbyCase(37, 0, 0.5),
    axpbyCase(20_000, 0.1, 1),
    inPlaceCase(37, 2, -0.5),
    inPlaceCase(37, 0.25, 0),
    {
      ...axpbyCase(9, 0, 0),
      name: 'alpha=0 keeps NaN of x',
      arrays: { x: input(9, given(Number.NaN, 1, 2)), y: output(9, 'exact') },
    },
  ],
  bench: [axpbyCase(1 << 20, 0.5, 1)],
};
