import type { UnaryName } from '../../operations/index.ts';
import {
  type CaseArray,
  type CaseTable,
  given,
  input,
  type OperationCase,
  output,
  tailCounts,
  uniform,
  updated,
} from '../case.ts';
import type { Bound } from '../compare.ts';

interface Use {
  name: UnaryName;
  parameters?: Readonly<Record<string, number>>;
  /** Inputs the function is defined on; default normal ones. */
  x?: (count: number) => CaseArray;
  bound: Bound;
  /** Where the derivative jumps. */
  kink?: number;
  label?: string;
}

const nameOf = ({ name, parameters = {}, label }: Use): string =>
  [
    name,
    ...Object.entries(parameters).map(([key, value]) => `${key}=${value}`),
    ...(label === undefined ? [] : [label]),
  ].join(' ');

function unaryCase(use: Use, count: number, gradient = false): OperationCase {
  const { name, parameters, bound, kink } = use;
  const wide = use.x ?? ((size: number) => input(size));
  return {
    name: `${nameOf(use)} n=${count}`,
    arrays: { x: wide(count), y: output(count, bound), dy: input(count), dx: output(count, bound) },
    prepare(backend) {
      const operation = backend.unary({ name, count, parameters });
      return {
        forward: (v) => operation.forward(v['x']!, v['y']!),
        backward: (v) => operation.backward(v['x']!, v['y']!, v['dy']!, v['dx']!),
      };
    },
    ...(gradient ? { gradientOf: ['x'], gradient: { kink } } : {}),
    work: { forward: { bytes: 8 * count }, backward: { bytes: 16 * count } },
  };
}

/** y over x, then dx over dy; backward sees y as x. */
function inPlaceCase(use: Use, count: number): OperationCase {
  const { name, parameters, bound } = use;
  const x = use.x?.(count) ?? input(count);
  return {
    name: `${nameOf(use)} n=${count} in place`,
    arrays: { x: updated(count, bound, x.fill), dy: updated(count, bound) },
    prepare(backend) {
      const operation = backend.unary({ name, count, parameters });
      return {
        forward: (v) => operation.forward(v['x']!, v['x']!),
        backward: (v) => operation.backward(v['x']!, v['x']!, v['dy']!, v['dy']!),
      };
    },
  };
}

const positive = (count: number): CaseArray => input(count, uniform(0.2, 3));
const wide = (count: number): CaseArray => input(count, uniform(-30, 30));
const [nan, infinite] = [Number.NaN, Number.POSITIVE_INFINITY];
const special = (count: number): CaseArray =>
  input(count, given(nan, infinite, -infinite, 0, -0, 1, -1, 100, -100, 1e-20));

const uses: readonly Use[] = [
  { name: 'relu', bound: 'exact', kink: 0 },
  { name: 'relu', parameters: { slope: 0.25 }, bound: 'exact', kink: 0 },
  { name: 'elu', bound: 1e-6, kink: 0 },
  { name: 'elu', parameters: { alpha: 0.5 }, bound: 1e-6, kink: 0 },
  { name: 'sigmoid', bound: 1e-6 },
  { name: 'tanh', bound: 1e-6 },
  { name: 'abs', bound: 'exact', kink: 0 },
  { name: 'bnll', bound: 1e-6 },
  { name: 'exp', bound: 1e-6 },
  { name: 'exp', parameters: { factor: -0.5, inner: 1 }, bound: 1e-6 },
  { name: 'log', x: positive, bound: 1e-6 },
  { name: 'log', parameters: { scale: 2, shift: 0.5, factor: 0.3 }, x: positive, bound: 1e-6 },
  { name: 'power', bound: 1e-6 },
  { name: 'power', parameters: { power: 2 }, bound: 1e-6 },
  { name: 'power', parameters: { power: 3, scale: -0.5, shift: 0.25 }, bound: 2e-6 },
  { name: 'power', parameters: { power: -1, shift: 0.5 }, x: positive, bound: 2e-6 },
  { name: 'power', parameters: { power: 0.37, scale: 2 }, x: positive, bound: 2e-6 },
  { name: 'power', parameters: { power: 0 }, bound: 'exact' },
  { name: 'power', parameters: { power: 2, scale: 0, shift: 3 }, bound: 'exact' },
  { name: 'threshold', bound: 'exact', kink: 0 },
  { name: 'threshold', parameters: { threshold: 0.5 }, bound: 'exact', kink: 0.5 },
  { name: 'square', bound: 'exact' },
];

const inPlace: readonly UnaryName[] = ['relu', 'elu', 'sigmoid', 'tanh', 'exp'];

export const unaryCases: CaseTable = {
  operation: 'unary',
  cases: [
    ...uses.flatMap((use) => [...tailCounts.map((count) => unaryCase(use, count)), unaryCase(use, 24, true)]),
    ...uses.filter(({ name }) => inPlace.includes(name)).flatMap((use) => [inPlaceCase(use, 9), inPlaceCase(use, 130)]),
    // Beyond their interesting range the functions must saturate, not overflow.
    ...(['elu', 'sigmoid', 'tanh', 'bnll', 'exp'] as const).map((name) =>
      unaryCase({ name, x: wide, bound: 1e-6, label: 'wide range' }, 77),
    ),
    { ...elu2(), name: 'elu lambda=2 n=40' },
    ...[...new Set(uses.map(({ name }) => name))]
      .filter((name) => name !== 'power')
      .map((name) => unaryCase({ name, x: special, bound: 1e-6, label: 'NaN and infinity' }, 23)),
    unaryCase({ name: 'power', parameters: { power: 2 }, x: special, bound: 1e-6, label: 'NaN and infinity' }, 23),
    unaryCase({ name: 'power', parameters: { power: 0.5 }, x: special, bound: 1e-6, label: 'NaN and infinity' }, 23),
    unaryCase({ name: 'power', parameters: { power: 1.7 }, bound: 2e-6, label: 'of negative numbers' }, 23),
    unaryCase({ name: 'power', parameters: { power: 3.5 }, x: tiny, bound: 2e-6, label: 'of tiny numbers' }, 23),
    unaryCase({ name: 'log', x: tiny, bound: 1e-6, label: 'of tiny numbers' }, 23),
  ],
  bench: uses.map((use) => unaryCase(use, 1 << 20)),
};

function tiny(count: number): CaseArray {
  return input(count, given(0, 1e-38, 1.2e-38, 1e-30, 1e-10, 1, 3e38));
}

/** Caffe's derivative for x ≤ 0 is λ·(α+y), which is the true one for λ = 1 only: compared, not checked numerically. */
function elu2(): OperationCase {
  return unaryCase({ name: 'elu', parameters: { lambda: 2, alpha: 0.7 }, bound: 1e-6 }, 40);
}
