import type { SolverUpdateSpec, UpdateRule } from '../../operations/index.ts';
import {
  type CaseArray,
  type CaseTable,
  type CaseValues,
  given,
  type OperationCase,
  uniform,
  updated,
} from '../case.ts';

const historyCount: Readonly<Record<UpdateRule, number>> = {
  sgd: 1,
  nesterov: 1,
  adagrad: 1,
  rmsprop: 1,
  adadelta: 2,
  adam: 2,
};

const rates = {
  gradientFactor: 0.5,
  momentum: 0.9,
  momentum2: 0.999,
  rmsDecay: 0.98,
  delta: 1e-3,
  correction: 0.7,
};

interface Options {
  clear?: boolean;
  zeros?: boolean;
}

function solverUpdateCase(spec: SolverUpdateSpec, { clear = true, zeros = false }: Options = {}): OperationCase {
  const { rule, counts, regularization } = spec;
  const arrays: Record<string, CaseArray> = {};
  counts.forEach((count, p) => {
    arrays[`w${p}`] = updated(count, 2e-6, zeros ? given(0, -0, 1, -1, 0.5) : undefined);
    arrays[`g${p}`] = updated(count, 'exact');
    for (let h = 0; h < historyCount[rule]; h++) arrays[`h${p}${h}`] = updated(count, 2e-6, uniform(0, 2));
  });
  const parameter = (v: CaseValues, p: number) => ({
    weights: v[`w${p}`]!,
    diff: v[`g${p}`]!,
    history: Array.from({ length: historyCount[rule] }, (_, h) => v[`h${p}${h}`]!),
    rate: 0.1 * (p + 1),
    decay: 0.01 * p,
  });
  const shown = counts.length > 4 ? `${counts.length} parameters` : counts.join(',');
  return {
    name: `${rule} ${regularization} n=${shown}${clear ? ' clear' : ''}${zeros ? ' zero weights' : ''}`,
    arrays,
    prepare(backend) {
      const operation = backend.solverUpdate(spec);
      return {
        forward: (v) =>
          operation.run(
            counts.map((_, p) => parameter(v, p)),
            rates,
            { clear },
          ),
      };
    },
    work: { forward: { bytes: counts.reduce((sum, count) => sum + 4 * count * (4 + 2 * historyCount[rule]), 0) } },
  };
}

const rules = Object.keys(historyCount) as UpdateRule[];

export const solverUpdateCases: CaseTable = {
  operation: 'solverUpdate',
  cases: [
    ...rules.flatMap((rule) => [
      solverUpdateCase({ rule, counts: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 33], regularization: 'L2' }),
      solverUpdateCase({ rule, counts: [20, 37], regularization: 'L1' }, { clear: false }),
      solverUpdateCase({ rule, counts: [1, 5000, 20_000], regularization: 'L2' }),
    ]),
    solverUpdateCase({ rule: 'sgd', counts: [3, 9], regularization: 'L1' }, { zeros: true }),
    solverUpdateCase({ rule: 'sgd', counts: [], regularization: 'L2' }),
  ],
  bench: rules.map((rule) => solverUpdateCase({ rule, counts: [1 << 20, 1 << 18, 512], regularization: 'L2' })),
};
