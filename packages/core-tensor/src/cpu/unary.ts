import type { Operations } from '../backend.ts';
import type { UnaryName, UnarySpec } from '../operations/index.ts';
import { type Engine, elementGrain } from './engine.ts';

/** What the kernels' words a, b, c hold, by name (formulas: operations/unary.ts). */
const words: Partial<Record<UnaryName, (p: Readonly<Record<string, number>>) => readonly number[]>> = {
  relu: ({ slope = 0 }) => [slope],
  elu: ({ alpha = 1, lambda = 1 }) => [alpha, lambda],
  exp: ({ factor = 1, inner = 0 }) => [factor, inner],
  log: ({ scale = 1, shift = 0, factor = 1 }) => [scale, shift, factor],
  threshold: ({ threshold = 0 }) => [threshold],
};

const kernelOf = (name: UnaryName): string => `unary${name[0]!.toUpperCase()}${name.slice(1)}`;

export function unaryOn(engine: Engine): Operations['unary'] {
  return (spec) => {
    const { name, count, parameters = {} } = spec;
    if (name === 'power') return powerOn(engine, spec);
    const values = engine.job(kernelOf(name), ['x', 'y', 'a', 'b', 'c'], count, elementGrain);
    const flat = name === 'threshold'; // its derivative is 0: dx is filled
    const slopes = flat
      ? undefined
      : engine.job(`${kernelOf(name)}Backward`, ['x', 'y', 'dy', 'dx', 'a', 'b', 'c'], count, elementGrain);
    const zeros = engine.job('fill', ['y', 'value'], count, elementGrain);
    zeros.f32.value = 0;
    const [a = 0, b = 0, c = 0] = words[name]?.(parameters) ?? [];
    for (const job of slopes === undefined ? [values] : [values, slopes]) {
      job.f32.a = a;
      job.f32.b = b;
      job.f32.c = c;
    }
    return {
      forward(x, y) {
        values.address.x = x.address;
        values.address.y = y.address;
        values.run();
      },
      backward(x, y, dy, dx) {
        if (slopes === undefined) {
          zeros.address.y = dx.address;
          zeros.run();
          return;
        }
        slopes.address.x = x.address;
        slopes.address.y = y.address;
        slopes.address.dy = dy.address;
        slopes.address.dx = dx.address;
        slopes.run();
      },
    };
  };
}

function powerOn(engine: Engine, { count, parameters = {} }: UnarySpec): ReturnType<Operations['unary']> {
  const { power = 1, scale = 1, shift = 0 } = parameters;
  const values = engine.job('power', ['x', 'y', 'scale', 'shift', 'power'], count, elementGrain);
  const slopeSlots = ['x', 'dy', 'dx', 'scale', 'shift', 'power', 'factor'] as const;
  const slopes = engine.job('powerBackward', slopeSlots, count, elementGrain);
  const flat = power * scale === 0;
  values.f32.power = power;
  slopes.f32.power = flat ? 0 : power - 1;
  slopes.f32.factor = power * scale;
  for (const job of [values, slopes]) {
    job.f32.scale = scale;
    job.f32.shift = shift;
  }
  return {
    forward(x, y) {
      values.address.x = x.address;
      values.address.y = y.address;
      values.run();
    },
    backward(x, _y, dy, dx) {
      slopes.address.x = x.address;
      slopes.address.dy = dy.address;
      slopes.address.dx = dx.address;
      slopes.run();
    },
  };
}
