import type { UnaryName, UnaryOperation, UnarySpec } from '../operations/index.ts';
import { read, relu, write } from './floats.ts';

interface Rule {
  y(x: number): number;
  /** Derivative where the input is x and the output y. */
  slope(x: number, y: number): number;
}

type Parameters = Readonly<Record<string, number>>;

const rules: Readonly<Record<UnaryName, (parameters: Parameters) => Rule>> = {
  relu: ({ slope = 0 }) => ({ y: (x) => relu(x, slope), slope: (x) => (x > 0 ? 1 : slope) }),
  elu: ({ alpha = 1, lambda = 1 }) => ({
    y: (x) => lambda * Math.max(x, 0) + alpha * Math.expm1(Math.min(x, 0)),
    slope: (x, y) => lambda * (x > 0 ? 1 : alpha + y),
  }),
  sigmoid: () => ({ y: (x) => 1 / (1 + Math.exp(-x)), slope: (_x, y) => y * (1 - y) }),
  tanh: () => ({ y: Math.tanh, slope: (_x, y) => 1 - y * y }),
  abs: () => ({ y: Math.abs, slope: Math.sign }),
  bnll: () => ({
    y: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: (x) => {
      const e = Math.exp(Math.min(x, 50));
      return e / (1 + e);
    },
  }),
  exp: ({ factor = 1, inner = 0 }) => ({ y: (x) => Math.exp(inner + factor * x), slope: (_x, y) => factor * y }),
  log: ({ scale = 1, shift = 0, factor = 1 }) => ({
    y: (x) => Math.log(shift + scale * x) * factor,
    slope: (x) => (factor * scale) / (shift + scale * x),
  }),
  power: ({ power = 1, scale = 1, shift = 0 }) => ({
    y: (x) => (shift + scale * x) ** power,
    slope: (x) => (power * scale === 0 ? 0 : power * scale * (shift + scale * x) ** (power - 1)),
  }),
  threshold: ({ threshold = 0 }) => ({ y: (x) => (x > threshold ? 1 : 0), slope: () => 0 }),
  square: () => ({ y: (x) => x * x, slope: (x) => 2 * x }),
};

export function unary({ name, count, parameters = {} }: UnarySpec): UnaryOperation {
  const rule = rules[name](parameters);
  return {
    forward(xValues, yValues) {
      const x = read(xValues);
      const y = write(yValues);
      for (let i = 0; i < count; i++) y[i] = rule.y(x[i]!);
    },
    backward(xValues, yValues, dyValues, dxValues) {
      const [x, y, dy] = [read(xValues), read(yValues), read(dyValues)];
      const dx = write(dxValues);
      for (let i = 0; i < count; i++) dx[i] = dy[i]! * rule.slope(x[i]!, y[i]!);
    },
  };
}
