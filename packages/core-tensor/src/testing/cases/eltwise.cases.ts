import type { EltwiseSpec } from '../../operations/index.ts';
import {
  type CaseArray,
  type CaseTable,
  distinct,
  given,
  input,
  type OperationCase,
  output,
  tailCounts,
  updated,
} from '../case.ts';
import type { Bound } from '../compare.ts';

type Method = EltwiseSpec['method'];

interface Options {
  coefficients?: readonly number[];
  gradient?: boolean;
  x?: readonly CaseArray[];
  label?: string;
}

const names = ['x0', 'x1', 'x2', 'x3'];
const boundOf: Record<Method, Bound> = { sum: 1e-6, product: 1e-6, max: 'exact' };

function eltwiseCase(method: Method, inputs: number, count: number, options: Options = {}): OperationCase {
  const { coefficients, gradient = false, x, label } = options;
  const spec: EltwiseSpec = { method, count, inputs, coefficients };
  const bound = boundOf[method];
  const arrays: Record<string, CaseArray> = {};
  for (let k = 0; k < inputs; k++)
    arrays[names[k]!] = x?.[k] ?? input(count, method === 'max' ? distinct(0.05, 0.01 + 0.01 * k) : undefined);
  arrays['y'] = output(count, bound);
  if (method === 'max') arrays['mask'] = output(count, 'exact');
  arrays['dy'] = input(count);
  for (let k = 0; k < inputs; k++) arrays[`d${names[k]}`] = output(count, bound);
  const used = names.slice(0, inputs);
  return {
    name: [method, `inputs=${inputs} n=${count}`, ...(coefficients === undefined ? [] : ['coefficients']), label ?? '']
      .join(' ')
      .trim(),
    arrays,
    prepare(backend) {
      const operation = backend.eltwise(spec);
      return {
        forward: (v) =>
          operation.forward(
            used.map((name) => v[name]!),
            v['y']!,
            v['mask'],
          ),
        backward(v) {
          const xs = used.map((name) => v[name]!);
          for (let k = 0; k < inputs; k++) operation.backward(k, xs, v['y']!, v['dy']!, v[`d${names[k]}`]!, v['mask']);
        },
      };
    },
    ...(gradient ? { gradientOf: used } : {}),
    work: { forward: { bytes: 4 * count * (inputs + (method === 'max' ? 2 : 1)) } },
  };
}

/** y over the first input; for sums, dx over dy. */
function inPlaceCase(method: Method, count: number): OperationCase {
  const bound = boundOf[method];
  return {
    name: `${method} n=${count} in place`,
    arrays: {
      x0: updated(count, bound),
      x1: input(count),
      x2: input(count),
      ...(method === 'max' ? { mask: output(count, 'exact') } : {}),
      dy: updated(count, bound),
    },
    prepare(backend) {
      const coefficients = method === 'sum' ? [1, -2, 0.5] : undefined;
      const operation = backend.eltwise({ method, count, inputs: 3, coefficients });
      return {
        forward: (v) => operation.forward([v['x0']!, v['x1']!, v['x2']!], v['x0']!, v['mask']),
        backward(v) {
          if (method !== 'sum') return;
          operation.backward(1, [v['x0']!, v['x1']!, v['x2']!], v['x0']!, v['dy']!, v['dy']!);
        },
      };
    },
  };
}

const methods = ['sum', 'product', 'max'] as const;
const nan = Number.NaN;

export const eltwiseCases: CaseTable = {
  operation: 'eltwise',
  cases: [
    ...methods.flatMap((method) => [
      ...tailCounts.map((count) => eltwiseCase(method, 2, count)),
      eltwiseCase(method, 3, 21, { gradient: true }),
      eltwiseCase(method, 4, 70),
      inPlaceCase(method, 9),
      inPlaceCase(method, 130),
    ]),
    eltwiseCase('sum', 2, 19, { coefficients: [0.5, -2], gradient: true }),
    eltwiseCase('sum', 3, 130, { coefficients: [1, -1, 0.25] }),
    eltwiseCase('max', 3, 24, {
      x: [input(24, given(1, 2, 3)), input(24, given(1, 3, 2)), input(24, given(1, 3, 3, 4))],
      label: 'ties',
    }),
    eltwiseCase('max', 3, 24, {
      x: [input(24, given(nan, 1, 1, nan)), input(24, given(1, nan, 1, nan)), input(24, given(0, 2, nan, nan, 5))],
      label: 'NaN',
    }),
    eltwiseCase('product', 3, 9, {
      x: [input(9, given(0, 1, 2)), input(9, given(0, 0, 3)), input(9, given(4, 5))],
      label: 'zeros',
      gradient: true,
    }),
  ],
  bench: methods.map((method) => eltwiseCase(method, 2, 1 << 20)),
};
