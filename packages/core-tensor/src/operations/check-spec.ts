import { CaffeError, unknownName } from '@jacinto/proto/errors';
import type { OperationName, Operations } from '../backend.ts';
import type { UnaryName } from './unary.ts';

type Checks = { [Name in OperationName]?: (spec: Parameters<Operations[Name]>[0]) => void };

/** Parameters of each elementwise function. */
const unaryParameters: Readonly<Record<UnaryName, readonly string[]>> = {
  relu: ['slope'],
  elu: ['alpha', 'lambda'],
  sigmoid: [],
  tanh: [],
  abs: [],
  bnll: [],
  exp: ['factor', 'inner'],
  log: ['scale', 'shift', 'factor'],
  power: ['power', 'scale', 'shift'],
  threshold: ['threshold'],
  square: [],
};
const updateRules = ['sgd', 'nesterov', 'adagrad', 'rmsprop', 'adadelta', 'adam'];

/** Whole numbers of at least `least`. */
function whole(operation: string, least: number, fields: Readonly<Record<string, number>>): void {
  for (const [field, value] of Object.entries(fields)) {
    if (Number.isInteger(value) && value >= least) continue;
    const fix = `use a whole number of ${least} or more`;
    throw new CaffeError({ code: 'bad-value', field: `${operation}.${field}`, problem: `is ${value}`, fix });
  }
}

function badShape(problem: string, fix?: string): CaffeError {
  return new CaffeError({ code: 'bad-shape', problem, fix });
}

const checks: Checks = {
  axpby: ({ count }) => whole('axpby', 0, { count }),
  copy: ({ outer, length, xStride, yStride }) => whole('copy', 0, { outer, length, xStride, yStride }),
  dropout({ count, ratio }) {
    whole('dropout', 0, { count });
    if (ratio >= 0 && ratio < 1) return;
    const fix = 'use 0 or more, and less than 1';
    throw new CaffeError({ code: 'bad-value', field: 'dropout.ratio', problem: `is ${ratio}`, fix });
  },
  eltwise({ count, inputs, coefficients }) {
    whole('eltwise', 0, { count });
    whole('eltwise', 2, { inputs });
    if (coefficients === undefined || coefficients.length === inputs) return;
    throw badShape(`eltwise: ${coefficients.length} coefficients for ${inputs} inputs`, 'give one an input, or none');
  },
  fill: ({ count }) => whole('fill', 0, { count }),
  gemm: ({ m, n, k }) => whole('gemm', 0, { m, n, k }),
  lrn({ size }) {
    if (Number.isInteger(size) && size > 0 && size % 2 === 1) return;
    throw new CaffeError({ code: 'bad-value', field: 'lrn.size', problem: `is ${size}`, fix: 'use an odd number' });
  },
  permute({ shape, order }) {
    const wanted = shape.map((_, axis) => axis);
    if ([...order].sort((a, b) => a - b).join() === wanted.join()) return;
    throw badShape(
      `permute: the order ${order.join(' ')} does not name each of the ${shape.length} axes once`,
      `use each of ${wanted.join(' ')} once`,
    );
  },
  pooling({ x, y, kernel, stride, pad }) {
    if (x.shape.length !== 4 || y.shape.length !== 4) {
      throw badShape(`pooling: x (${x.shape.join(' ')}) and y (${y.shape.join(' ')}) must have 4 axes, N,C,H,W`);
    }
    if (x.shape[0] !== y.shape[0] || x.shape[1] !== y.shape[1]) {
      throw badShape(`pooling: x (${x.shape.join(' ')}) and y (${y.shape.join(' ')}) differ in N or C`);
    }
    for (const axis of [0, 1] as const) {
      whole('pooling', 1, { kernel: kernel[axis], stride: stride[axis] });
      whole('pooling', 0, { pad: pad[axis] });
    }
  },
  reduce: ({ outer, axis, inner }) => whole('reduce', 0, { outer, axis, inner }),
  scaleBias: ({ outer, channels, inner }) => whole('scaleBias', 0, { outer, channels, inner }),
  softmax: ({ outer, channels, inner }) => whole('softmax', 0, { outer, channels, inner }),
  softmaxLoss: ({ outer, channels, inner }) => whole('softmaxLoss', 0, { outer, channels, inner }),
  solverUpdate({ rule, counts }) {
    if (!updateRules.includes(rule)) throw unknownName('solverUpdate.rule', rule, updateRules);
    for (const count of counts) whole('solverUpdate', 0, { count });
  },
  unary({ name, count, parameters = {} }) {
    if (!Object.hasOwn(unaryParameters, name)) throw unknownName('unary.name', name, Object.keys(unaryParameters));
    whole('unary', 0, { count });
    const known = unaryParameters[name];
    for (const parameter of Object.keys(parameters)) {
      if (!known.includes(parameter)) throw unknownName(`unary.parameters of ${name}`, parameter, known);
    }
  },
};

/**
 * The operations with their specs checked when they are prepared, worded alike on every backend; running checks nothing.
 * @throws CaffeError 'bad-value', 'bad-shape' or 'unknown-name' from each operation.
 */
export function checked(operations: Operations): Operations {
  const all: Record<string, (spec: never) => unknown> = { ...operations };
  for (const name of Object.keys(checks) as OperationName[]) {
    const [check, prepare] = [checks[name] as (spec: never) => void, all[name]!];
    all[name] = (spec: never) => {
      check(spec);
      return prepare(spec);
    };
  }
  return all as unknown as Operations;
}
