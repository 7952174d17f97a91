import type { Operations } from '../backend.ts';
import type { Values } from '../values.ts';
import { type Engine, elementGrain } from './engine.ts';

/** Two inputs a pass; a further input is combined with y so far. */
export function eltwiseOn(engine: Engine): Operations['eltwise'] {
  return ({ method, count, inputs, coefficients }) => {
    const pairSlots = ['a', 'b', 'y', 'coefficientA', 'coefficientB'] as const;
    const pair = engine.job(method === 'sum' ? 'eltwiseSum' : 'eltwiseProduct', pairSlots, count, elementGrain);
    const best = engine.job('eltwiseMax', ['a', 'b', 'y', 'mask', 'index'], count, elementGrain);
    const scaled = engine.job('axpby', ['x', 'y', 'alpha', 'beta'], count, elementGrain);
    const chosen = engine.job('eltwiseMaxBackward', ['mask', 'dy', 'dx', 'index'], count, elementGrain);
    const factors = Float64Array.from({ length: inputs }, (_, k) => coefficients?.[k] ?? 1);

    function combine(a: Values, b: Values, y: Values): void {
      pair.address.a = a.address;
      pair.address.b = b.address;
      pair.address.y = y.address;
      pair.run();
    }
    function scale(factor: number, x: Values, y: Values): void {
      scaled.address.x = x.address;
      scaled.address.y = y.address;
      scaled.f32.alpha = factor;
      scaled.f32.beta = 0;
      scaled.run();
    }

    return {
      forward(xs, y, mask) {
        if (inputs === 1) scale(factors[0]!, xs[0]!, y);
        for (let k = 1; k < inputs; k++) {
          const before = k === 1 ? xs[0]! : y;
          if (method === 'max') {
            best.address.a = before.address;
            best.address.b = xs[k]!.address;
            best.address.y = y.address;
            best.address.mask = mask === undefined ? 0 : mask.address;
            best.i32.index = k;
            best.run();
            continue;
          }
          pair.f32.coefficientA = k === 1 ? factors[0]! : 1;
          pair.f32.coefficientB = factors[k]!;
          combine(before, xs[k]!, y);
        }
      },
      backward(index, xs, _y, dy, dx, mask) {
        if (method === 'max') {
          chosen.address.mask = mask!.address;
          chosen.address.dy = dy.address;
          chosen.address.dx = dx.address;
          chosen.i32.index = index;
          chosen.run();
        } else if (method === 'sum' || inputs === 1) scale(factors[index]!, dy, dx);
        else {
          let before = dy;
          for (let k = 0; k < inputs; k++) {
            if (k === index) continue;
            combine(before, xs[k]!, dx);
            before = dx;
          }
        }
      },
    };
  };
}
