import type { Backend, Values } from '@jacinto/core-tensor';
import type { assembleOneDnn } from '../onednn-backend.ts';

/**
 * The same backend, whose inputs come in oneDNN's layouts as if other operations had made them, and whose plain copies
 * of these are spoilt: what reads them by mistake gives NaN. Layouts alternate between blocks of 16 and 8 channels, two in
 * three as this processor's kernels like them.
 */
export function blockedInputs({ backend, context, places }: ReturnType<typeof assembleOneDnn>): Backend {
  const { api, layouts } = context;
  const [usual, rare] = api.vectorBytes() === 64 ? ([16, 8] as const) : ([8, 16] as const);
  /** Which layout, which input: the same whenever a shape comes again. */
  const turnOf = (shape: readonly number[]): number => shape.reduce((sum, length) => sum + length, 0);

  function block(values: Values | undefined, shape: readonly number[]): void {
    if (values === undefined || shape.length !== 4 || values.count === 0) return;
    if (shape.reduce((product, length) => product * length, 1) !== values.count) return;
    const layout = layouts.of(api.blockedDesc(shape, turnOf(shape) % 3 === 2 ? rare : usual));
    if (layout.plain) return;
    places.read(values, layout);
    values.hostRead().fill(Number.NaN);
    values.markCurrent('device');
  }

  /** Elementwise operations know a count only: as many planes as go into it. */
  function shapeOf(count: number): number[] {
    const plane = [7, 5, 4, 3, 2].find((each) => count % each === 0) ?? 1;
    return [1, count / plane, plane, 1];
  }

  return {
    ...backend,
    convolution(spec) {
      const operation = backend.convolution(spec);
      return {
        forward(x, w, b, y) {
          block(x, spec.x.shape);
          operation.forward(x, w, b, y);
        },
        backwardData(dy, w, dx) {
          block(dy, spec.y.shape);
          operation.backwardData(dy, w, dx);
        },
        backwardWeights(x, dy, dw, db, options) {
          block(x, spec.x.shape);
          operation.backwardWeights(x, dy, dw, db, options);
        },
      };
    },
    batchNorm(spec) {
      const operation = backend.batchNorm(spec);
      return {
        forwardTraining(v, running) {
          block(v.x, spec.x.shape);
          operation.forwardTraining(v, running);
        },
        backwardTraining(v, options) {
          block(v.dy, spec.x.shape);
          operation.backwardTraining(v, options);
        },
        forwardGlobal(v, options) {
          block(v.x, spec.x.shape);
          operation.forwardGlobal(v, options);
        },
        backwardGlobal(v, options) {
          block(v.dy, spec.x.shape);
          operation.backwardGlobal(v, options);
        },
      };
    },
    pooling(spec) {
      const operation = backend.pooling(spec);
      return {
        forward(x, y, mask) {
          block(x, spec.x.shape);
          operation.forward(x, y, mask);
        },
        backward(dy, dx, mask) {
          block(dy, spec.y.shape);
          operation.backward(dy, dx, mask);
        },
      };
    },
    lrn(spec) {
      const operation = backend.lrn(spec);
      return {
        forward(x, y, s) {
          block(x, spec.x.shape);
          operation.forward(x, y, s);
        },
        backward(x, y, s, dy, dx) {
          block(dy, spec.x.shape);
          operation.backward(x, y, s, dy, dx);
        },
      };
    },
    copy(spec) {
      const operation = backend.copy(spec);
      const { outer, xStride, yStride } = spec;
      /** The cases have planes of 5×3. */
      const shapeOf = (stride: number): number[] => [outer, stride / 15, 5, 3];
      return {
        run(x, y, options) {
          if (xStride % 15 === 0 && xStride % 2 === 0) block(x, shapeOf(xStride));
          if (yStride % 15 === 0 && yStride % 4 === 0) block(y, shapeOf(yStride));
          operation.run(x, y, options);
        },
      };
    },
    softmax(spec) {
      const operation = backend.softmax(spec);
      const shape = [spec.outer, spec.channels, spec.inner, 1];
      return {
        forward(x, y) {
          block(x, shape);
          operation.forward(x, y);
        },
        backward(y, dy, dx) {
          block(turnOf(shape) % 2 === 0 ? dy : y, shape);
          operation.backward(y, dy, dx);
        },
      };
    },
    softmaxLoss(spec) {
      const operation = backend.softmaxLoss(spec);
      const shape = [spec.outer, spec.channels, spec.inner, 1];
      return {
        forward(v) {
          block(v.x, shape);
          operation.forward(v);
        },
        backward(v, factor) {
          block(v.prob, shape);
          operation.backward(v, factor);
        },
      };
    },
    scaleBias(spec) {
      const operation = backend.scaleBias(spec);
      const shape = [spec.outer, spec.channels, spec.inner, 1];
      return {
        forward(v) {
          block(v.x, shape);
          operation.forward(v);
        },
        backward(v, options) {
          block(turnOf(shape) % 2 === 0 ? v.dy : (v.x ?? v.dy), shape);
          operation.backward(v, options);
        },
      };
    },
    unary(spec) {
      const operation = backend.unary(spec);
      return {
        forward(x, y) {
          block(x, shapeOf(spec.count));
          operation.forward(x, y);
        },
        backward(x, y, dy, dx) {
          block(spec.count % 2 === 0 ? dy : x, shapeOf(spec.count));
          operation.backward(x, y, dy, dx);
        },
      };
    },
    dropout(spec) {
      const operation = backend.dropout(spec);
      return {
        forward(x, y, mask, draw) {
          block(x, shapeOf(spec.count));
          operation.forward(x, y, mask, draw);
        },
        backward(dy, mask, dx) {
          block(dy, shapeOf(spec.count));
          operation.backward(dy, mask, dx);
        },
      };
    },
    eltwise(spec) {
      const operation = backend.eltwise(spec);
      return {
        forward(xs, y, mask) {
          block(xs[spec.count % xs.length], shapeOf(spec.count));
          operation.forward(xs, y, mask);
        },
        backward(index, xs, y, dy, dx, mask) {
          block(dy, shapeOf(spec.count));
          operation.backward(index, xs, y, dy, dx, mask);
        },
      };
    },
    axpby(spec) {
      const operation = backend.axpby(spec);
      return {
        run(alpha, x, beta, y) {
          block(spec.count % 2 === 0 ? x : y, shapeOf(spec.count));
          operation.run(alpha, x, beta, y);
        },
      };
    },
  };
}
