import { type CaseTable, type OperationCase, output, tailCounts } from '../case.ts';

function fillCase(count: number, value: number): OperationCase {
  return {
    name: `value=${value} n=${count}`,
    arrays: { y: output(count, 'exact') },
    prepare(backend) {
      const operation = backend.fill({ count });
      return { forward: (v) => operation.run(value, v['y']!) };
    },
    work: { forward: { bytes: 4 * count } },
  };
}

export const fillCases: CaseTable = {
  operation: 'fill',
  cases: [...tailCounts.map((count) => fillCase(count, 1.5)), fillCase(100_000, 0), fillCase(10, Number.NaN)],
  bench: [fillCase(1 << 20, 0)],
};
