import type { Operations, Values } from '@jacinto/core-tensor';
import type { Context } from './context.ts';
import type { Places } from './places.ts';

/** Brings plain values up to date for the backend below, and says what it has changed. */
export class HandOver {
  private readonly context: Context;
  private readonly places: Places;

  constructor(context: Context, places: Places) {
    this.context = context;
    this.places = places;
  }

  reads(...all: readonly (Values | undefined)[]): void {
    for (const values of all) if (values !== undefined) this.places.readPlain(values);
  }

  /** Values that are overwritten entirely. Call it after `reads`, for an output may be an input too. */
  writes(...all: readonly (Values | undefined)[]): void {
    this.context.counters.handedOver++;
    for (const values of all) values?.markCurrent('host');
  }

  updates(...all: readonly (Values | undefined)[]): void {
    this.reads(...all);
    for (const values of all) values?.markCurrent('host');
  }
}

/** All operations as the backend below does them, on plain values; those that oneDNN does call these where it can't. */
export function handedOver(context: Context, places: Places): Operations {
  const { over } = context;
  const plain = new HandOver(context, places);
  return {
    gemm(spec) {
      const operation = over.gemm(spec);
      return {
        run(a, b, c, options) {
          plain.reads(a, b, options?.bias);
          if ((options?.beta ?? 0) !== 0) plain.reads(c);
          plain.writes(c);
          operation.run(a, b, c, options);
        },
      };
    },
    convolution(spec) {
      const operation = over.convolution(spec);
      return {
        forward(x, w, b, y) {
          plain.reads(x, w, b);
          plain.writes(y);
          operation.forward(x, w, b, y);
        },
        backwardData(dy, w, dx) {
          plain.reads(dy, w);
          plain.writes(dx);
          operation.backwardData(dy, w, dx);
        },
        backwardWeights(x, dy, dw, db, options) {
          plain.reads(x, dy);
          if (options.accumulate) plain.reads(dw, db);
          plain.writes(dw, db);
          operation.backwardWeights(x, dy, dw, db, options);
        },
      };
    },
    pooling(spec) {
      const operation = over.pooling(spec);
      return {
        forward(x, y, mask) {
          plain.reads(x);
          plain.writes(y, mask);
          operation.forward(x, y, mask);
        },
        backward(dy, dx, mask) {
          plain.reads(dy, mask);
          plain.writes(dx);
          operation.backward(dy, dx, mask);
        },
      };
    },
    batchNorm(spec) {
      const operation = over.batchNorm(spec);
      return {
        forwardTraining(v, running) {
          plain.reads(v.x, v.scale, v.bias);
          plain.updates(v.runningMean, v.runningVariance);
          plain.writes(v.y, v.stash, v.mean, v.invStd);
          operation.forwardTraining(v, running);
        },
        backwardTraining(v, options) {
          plain.reads(v.x, v.y, v.dy, v.scale, v.mean, v.invStd);
          plain.updates(v.dScale, v.dBias);
          plain.writes(v.dx);
          operation.backwardTraining(v, options);
        },
        forwardGlobal(v, options) {
          plain.reads(v.x, v.scale, v.bias, v.mean, v.variance);
          plain.writes(v.y);
          operation.forwardGlobal(v, options);
        },
        backwardGlobal(v, options) {
          plain.reads(v.y, v.dy, v.scale, v.variance);
          plain.writes(v.dx);
          operation.backwardGlobal(v, options);
        },
      };
    },
    lrn(spec) {
      const operation = over.lrn(spec);
      return {
        forward(x, y, s) {
          plain.reads(x);
          plain.writes(y, s);
          operation.forward(x, y, s);
        },
        backward(x, y, s, dy, dx) {
          plain.reads(x, y, s, dy);
          plain.writes(dx);
          operation.backward(x, y, s, dy, dx);
        },
      };
    },
    softmax(spec) {
      const operation = over.softmax(spec);
      return {
        forward(x, y) {
          plain.reads(x);
          plain.writes(y);
          operation.forward(x, y);
        },
        backward(y, dy, dx) {
          plain.reads(y, dy);
          plain.writes(dx);
          operation.backward(y, dy, dx);
        },
      };
    },
    softmaxLoss(spec) {
      const operation = over.softmaxLoss(spec);
      return {
        forward(v) {
          plain.reads(v.x ?? v.prob, v.label, v.labelWeights);
          plain.writes(v.x && v.prob, v.parts);
          operation.forward(v);
        },
        backward(v, factor) {
          plain.reads(v.prob, v.label);
          plain.writes(v.dx);
          operation.backward(v, factor);
        },
      };
    },
    unary(spec) {
      const operation = over.unary(spec);
      return {
        forward(x, y) {
          plain.reads(x);
          plain.writes(y);
          operation.forward(x, y);
        },
        backward(x, y, dy, dx) {
          plain.reads(x, y, dy);
          plain.writes(dx);
          operation.backward(x, y, dy, dx);
        },
      };
    },
    eltwise(spec) {
      const operation = over.eltwise(spec);
      return {
        forward(xs, y, mask) {
          plain.reads(...xs);
          plain.writes(y, mask);
          operation.forward(xs, y, mask);
        },
        backward(index, xs, y, dy, dx, mask) {
          plain.reads(...xs, y, dy, mask);
          plain.writes(dx);
          operation.backward(index, xs, y, dy, dx, mask);
        },
      };
    },
    scaleBias(spec) {
      const operation = over.scaleBias(spec);
      return {
        forward(v) {
          plain.reads(v.x, v.scale, v.bias);
          plain.writes(v.y, v.stash);
          operation.forward(v);
        },
        backward(v, options) {
          plain.reads(v.x, v.dy, v.scale);
          plain.updates(v.dScale, v.dBias);
          plain.writes(v.dx);
          operation.backward(v, options);
        },
      };
    },
    reduce(spec) {
      const operation = over.reduce(spec);
      return {
        run(x, y, options) {
          plain.reads(x);
          if (options?.accumulate === true) plain.reads(y);
          plain.writes(y);
          operation.run(x, y, options);
        },
      };
    },
    copy(spec) {
      const operation = over.copy(spec);
      return {
        run(x, y, options) {
          plain.reads(x, y); // runs may leave parts of y as they were
          plain.writes(y);
          operation.run(x, y, options);
        },
      };
    },
    axpby(spec) {
      const operation = over.axpby(spec);
      return {
        run(alpha, x, beta, y) {
          plain.reads(x);
          if (beta !== 0) plain.reads(y);
          plain.writes(y);
          operation.run(alpha, x, beta, y);
        },
      };
    },
    fill(spec) {
      const operation = over.fill(spec);
      return {
        run(value, y) {
          if (spec.count !== y.count) plain.reads(y);
          plain.writes(y);
          operation.run(value, y);
        },
      };
    },
    permute(spec) {
      const operation = over.permute(spec);
      return {
        forward(x, y) {
          plain.reads(x);
          plain.writes(y);
          operation.forward(x, y);
        },
        backward(dy, dx) {
          plain.reads(dy);
          plain.writes(dx);
          operation.backward(dy, dx);
        },
      };
    },
    dropout(spec) {
      const operation = over.dropout(spec);
      return {
        forward(x, y, mask, draw) {
          plain.reads(x);
          plain.writes(y, mask);
          operation.forward(x, y, mask, draw);
        },
        backward(dy, mask, dx) {
          plain.reads(dy, mask);
          plain.writes(dx);
          operation.backward(dy, mask, dx);
        },
      };
    },
    solverUpdate(spec) {
      const operation = over.solverUpdate(spec);
      return {
        run(parameters, rates, options) {
          for (const { weights, diff, history } of parameters) plain.updates(weights, diff, ...history);
          operation.run(parameters, rates, options);
        },
      };
    },
  };
}
