import { type Operations, type ScaleBiasOperation, Values } from '@jacinto/core-tensor';
import { blockArrays } from './block-arrays.ts';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';
import { onceEach } from './once.ts';
import type { Places } from './places.ts';

/**
 * Scale and bias a channel right in oneDNN's layouts: a batch norm whose mean is 0 and whose variance is 1, by the CPU
 * backend's kernels of blocks. All else goes to the backend below.
 */
export function scaleBiasWith(context: Context, places: Places, below: Operations): Operations['scaleBias'] {
  const arraysOf = blockArrays(context, places);
  const constants = constantsOver(context);
  return (spec) => {
    const { outer, channels, inner } = spec;
    const handed = below.scaleBias(spec);
    const [mean, one] = [places.alias(), places.alias()];
    const inLayout = onceEach(({ shape }: Layout) => {
      if (shape.length !== 4 || shape[0] !== outer || shape[1] !== channels || shape[2]! * shape[3]! !== inner) return;
      const dataType = 'f32' as const;
      const norm = context.over.ofBlocks.batchNorm({
        ...{ x: { shape, dataType }, eps: 0, scale: spec.scale, bias: spec.bias },
      });
      const arrays = arraysOf(shape);
      return {
        ...{ norm, arrays },
        put(array: 'x' | 'y' | 'dy' | 'dx', offset: number, layout: Layout): void {
          norm.place(array, offset, arrays.blocksOf(layout));
        },
      };
    });
    /** What works in the layout of these values; undefined where they are plain, or an image's channels are others. */
    const prepared = (values: Values | undefined) => {
      const layout = values && places.anyLayoutOf(values);
      return layout && inLayout(layout);
    };
    const setConstants = (): void => {
      mean.at(constants(0, channels));
      one.at(constants(1, channels));
    };
    return {
      forward(v) {
        const own = prepared(v.x);
        const layout = own?.arrays.readable(v.x);
        // A stash takes over the memory of x in oneDNN's layouts.
        if (own === undefined || layout === undefined || (v.stash !== undefined && v.x !== v.y))
          return handed.forward(v);
        for (const each of [v.scale, v.bias]) if (each !== undefined) places.readPlain(each);
        const target = own.arrays.writable(v.y, layout);
        own.put('x', v.stash === undefined ? places.read(v.x, layout) : places.hand(v.x, v.stash, layout), layout);
        own.put('y', places.write(v.y, target), target);
        setConstants();
        own.norm.forwardGlobal({ scale: v.scale, bias: v.bias, mean, variance: one });
      },
      backward(v, options) {
        const own = prepared(v.dy) ?? prepared(v.x);
        if (own === undefined) return handed.backward(v, options);
        const { arrays, put, norm } = own;
        const other = arrays.readable(v.dy) ?? arrays.readable(v.x!)!;
        put('dy', places.read(v.dy, other), other);
        setConstants();
        if (v.dScale !== undefined || v.dBias !== undefined) {
          const x = v.x ?? v.dy; // read, but of no use without dScale
          const layout = arrays.readable(x) ?? other;
          put('x', places.read(x, layout), layout);
          put('dx', 0, layout);
          for (const each of [v.dScale, v.dBias]) {
            if (each === undefined) continue;
            if (options.accumulate) places.updatePlain(each);
            else each.markCurrent('host');
          }
          norm.backwardTraining({ mean, invStd: one, dScale: v.dScale, dBias: v.dBias }, options);
        }
        if (v.dx === undefined) return;
        if (v.scale !== undefined) places.readPlain(v.scale);
        const target = arrays.writable(v.dx, other);
        put('dx', places.write(v.dx, target), target);
        norm.backwardGlobal({ scale: v.scale, variance: one });
      },
    } satisfies ScaleBiasOperation;
  };
}

/** Offset of so many values that are all 0, or all 1; memory common to all operations. */
function constantsOver(context: Context): (value: 0 | 1, count: number) => number {
  const all = [new Values(context.over), new Values(context.over)];
  return (value, count) => {
    const values = all[value]!;
    if (values.count < count) {
      values.release();
      values.resize(count);
      values.hostWrite().fill(value);
    }
    return values.readAddress;
  };
}
