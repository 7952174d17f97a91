import {
  countOf,
  type Operations,
  type SoftmaxLossOperation,
  type SoftmaxOperation,
  type SoftmaxSpec,
  type Values,
} from '@jacinto/core-tensor';
import { argument, propagation } from './c-api-2.ts';
import { blockOf } from './channel-blocks.ts';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';
import { onceEach } from './once.ts';
import type { Places } from './places.ts';

/** Softmax over the channels of values that lie in blocks of them; plain ones go to the backend below. */
export function softmaxWith(context: Context, places: Places, below: Operations): Operations['softmax'] {
  return (spec) => {
    const handed = below.softmax(spec);
    const inBlocks = softmaxOfBlocks(context, places, spec);
    return {
      forward(x, y) {
        if (!inBlocks.forward(x, y)) handed.forward(x, y);
      },
      backward(y, dy, dx) {
        if (!inBlocks.backward(y, dy, dx)) handed.backward(y, dy, dx);
      },
    } satisfies SoftmaxOperation;
  };
}

/** As above; losses and gradients are the backend's below, by probabilities in plain order. */
export function softmaxLossWith(context: Context, places: Places, below: Operations): Operations['softmaxLoss'] {
  return (spec) => {
    const handed = below.softmaxLoss(spec);
    const inBlocks = softmaxOfBlocks(context, places, spec);
    return {
      forward(v) {
        const isDone = v.x !== undefined && inBlocks.forward(v.x, v.prob);
        handed.forward(isDone ? { ...v, x: undefined } : v);
      },
      backward: (v, factor) => handed.backward(v, factor),
    } satisfies SoftmaxLossOperation;
  };
}

/** Each says whether it has done its work: not where values are plain, or oneDNN has no fast kernel for them. */
function softmaxOfBlocks(context: Context, places: Places, { outer, channels, inner }: SoftmaxSpec) {
  const { api } = context;
  const forward = onceEach((layout: Layout) =>
    context.primitive(`softmax ${layout.id}`, () =>
      context.describe(api.softmaxForward(propagation.training, layout.desc)),
    ),
  );
  const forwardCall = onceEach((layout: Layout) => {
    const primitive = forward(layout);
    return (
      primitive &&
      context.call(primitive, [
        [argument.src, layout],
        [argument.dst, layout],
      ])
    );
  });
  const backwardCall = onceEach((layout: Layout) => {
    const hint = forward(layout);
    const primitive =
      hint &&
      context.primitive(`softmax back ${layout.id}`, () => context.describe(api.softmaxBackward(layout.desc), hint));
    return (
      primitive &&
      context.call(primitive, [
        [argument.dst, layout],
        [argument.diffDst, layout],
        [argument.diffSrc, layout],
      ])
    );
  });
  const isSuited = onceEach((layout: Layout) => {
    const [images, all, ...plane] = layout.shape;
    const isShape = images === outer && all === channels && countOf(plane) === inner;
    return isShape && layout.groups === 1 && blockOf(context, layout) !== undefined;
  });
  const layoutOf = (values: Values): Layout | undefined => {
    const layout = places.anyLayoutOf(values);
    return layout !== undefined && isSuited(layout) ? layout : undefined;
  };
  return {
    forward(x: Values, y: Values): boolean {
      const layout = layoutOf(x);
      const call = layout && forwardCall(layout);
      if (call === undefined) return false;
      call.place(0, places.read(x, layout!));
      call.place(1, places.write(y, layout!));
      call.run();
      return true;
    },
    backward(y: Values, dy: Values, dx: Values): boolean {
      const layout = layoutOf(dy) ?? layoutOf(y);
      const call = layout && backwardCall(layout);
      if (call === undefined) return false;
      call.place(0, places.read(y, layout!));
      call.place(1, places.read(dy, layout!));
      call.place(2, places.write(dx, layout!));
      call.run();
      return true;
    },
  };
}
