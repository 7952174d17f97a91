import { type BatchNormOperation, countOf, type Operations, type Values } from '@jacinto/core-tensor';
import { blockArrays } from './block-arrays.ts';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';
import { once } from './once.ts';
import type { Places } from './places.ts';

// oneDNN has batch norm, too. It goes over memory more often, its threads wait for each other in loops without rest
// (a hundred times what they save, where another process needs the core), and its fused ReLU makes NaN 0.

/**
 * Batch norm of N,C,H,W by kernels of the CPU backend right in oneDNN's layouts. Results go into the layout that their
 * readers wished for. Plain values and other numbers of axes take the CPU backend's usual way.
 */
export function batchNormWith(context: Context, places: Places, below: Operations): Operations['batchNorm'] {
  const arraysOf = blockArrays(context, places);
  return (spec) => {
    const handed = below.batchNorm(spec);
    const { shape } = spec.x;
    if (shape.length !== 4 || countOf(shape) === 0) return handed;
    const prepare = once(() => context.over.ofBlocks.batchNorm(spec));
    const hasRelu = spec.relu !== undefined;
    const { readable, writable, blocksOf } = arraysOf(shape);

    function put(array: 'x' | 'y' | 'dy' | 'dx', offset: number, layout: Layout): void {
      prepare().place(array, offset, blocksOf(layout));
    }

    const putRead = (array: 'x' | 'y' | 'dy', values: Values, layout: Layout): void =>
      put(array, places.read(values, layout), layout);
    const putWritten = (array: 'y' | 'dx', values: Values, layout: Layout): void =>
      put(array, places.write(values, layout), layout);
    const read = (...all: readonly (Values | undefined)[]): void => {
      for (const values of all) if (values !== undefined) places.readPlain(values);
    };
    const change = (update: boolean, ...all: readonly (Values | undefined)[]): void => {
      for (const values of all) {
        if (update && values !== undefined) places.updatePlain(values);
        else values?.markCurrent('host');
      }
    };

    return {
      forwardTraining(v, running) {
        const layout = readable(v.x);
        // A stash takes over the memory of x in oneDNN's layouts.
        if (layout === undefined || (v.stash !== undefined && v.x !== v.y)) return handed.forwardTraining(v, running);
        read(v.scale, v.bias);
        const target = writable(v.y, layout);
        put('x', v.stash === undefined ? places.read(v.x, layout) : places.hand(v.x, v.stash, layout), layout);
        putWritten('y', v.y, target);
        change(false, v.mean, v.invStd);
        if (running !== undefined) change(running.keep !== 0, v.runningMean, v.runningVariance);
        prepare().forwardTraining(v, running);
      },
      backwardTraining(v, options) {
        const layout = readable(v.x) ?? readable(v.dy);
        if (layout === undefined) return handed.backwardTraining(v, options);
        read(v.scale, v.mean, v.invStd);
        putRead('x', v.x, layout);
        if (hasRelu) putRead('y', v.y!, readable(v.y!) ?? layout);
        putRead('dy', v.dy, readable(v.dy) ?? layout);
        if (v.dx === undefined) put('dx', 0, layout);
        else putWritten('dx', v.dx, writable(v.dx, layout));
        change(options.accumulate, v.dScale, v.dBias);
        prepare().backwardTraining(v, options);
      },
      forwardGlobal(v, options) {
        const layout = readable(v.x);
        if (layout === undefined) return handed.forwardGlobal(v, options);
        read(v.scale, v.bias, v.mean, v.variance);
        putRead('x', v.x, layout);
        putWritten('y', v.y, writable(v.y, layout));
        prepare().forwardGlobal(v, options);
      },
      backwardGlobal(v, options) {
        const layout = readable(v.dy);
        if (layout === undefined) return handed.backwardGlobal(v, options);
        read(v.scale, v.variance);
        if (hasRelu) putRead('y', v.y!, readable(v.y!) ?? layout);
        putRead('dy', v.dy, layout);
        putWritten('dx', v.dx, writable(v.dx, layout));
        prepare().backwardGlobal(v, options);
      },
    } satisfies BatchNormOperation;
  };
}
