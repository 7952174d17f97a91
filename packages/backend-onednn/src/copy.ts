import type { CopyOperation, CopySpec, Operations, Values } from '@jacinto/core-tensor';
import { blockOf } from './channel-blocks.ts';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';
import { onceEach } from './once.ts';
import type { Places } from './places.ts';

/** A copy of blocks of channels, and the layouts it goes from and to. */
interface BlockCopy {
  x: Layout;
  y: Layout;
  operation: CopyOperation;
  offsets: { xOffset: number; yOffset: number; accumulate: boolean };
}

/**
 * Copies of runs. Those that take whole blocks of channels of each image (Concat, Slice) are copies of runs in oneDNN's
 * layouts, too, and stay there; all others go to the backend below.
 */
export function copyWith(context: Context, places: Places, below: Operations): Operations['copy'] {
  /** What is put together of runs that are no whole blocks: it is better plain from the first run on. */
  const plain = new WeakSet<Values>();
  const blockSize = onceEach((layout: Layout) => (layout.groups === 1 ? blockOf(context, layout) : undefined));
  return (spec) => {
    const handed = below.copy(spec);
    const [x1, y1] = [places.alias(), places.alias()];
    const plans = onceEach((xOffset: number) =>
      onceEach((yOffset: number) => {
        const by = (stride: number) =>
          onceEach((layout: Layout) => {
            const block = blockSize(layout);
            return block && blockCopy(context, spec, { layout, block, stride, xOffset, yOffset });
          });
        return { byX: by(spec.xStride), byY: by(spec.yStride) };
      }),
    );

    function find(x: Values, y: Values, xOffset: number, yOffset: number): BlockCopy | undefined {
      const [from, to] = [places.anyLayoutOf(x), places.anyLayoutOf(y)];
      if ((from ?? to) === undefined || plain.has(y)) return undefined;
      const { byX, byY } = plans(xOffset)(yOffset);
      const plan = (from && byX(from)) ?? (to && byY(to));
      if (plan?.x.count === x.count && plan.y.count === y.count) return plan;
      if (spec.outer * spec.length !== y.count) plain.add(y);
      return undefined;
    }

    return {
      run(x, y, options) {
        const plan = find(x, y, options?.xOffset ?? 0, options?.yOffset ?? 0);
        if (plan === undefined) return handed.run(x, y, options);
        const accumulate = options?.accumulate === true;
        const isWhole = !accumulate && spec.outer * spec.length === y.count;
        x1.at(places.read(x, plan.x));
        y1.at(isWhole ? places.write(y, plan.y) : places.update(y, plan.y));
        plan.offsets.accumulate = accumulate;
        plan.operation.run(x1, y1, plan.offsets);
      },
    } satisfies CopyOperation;
  };
}

interface Ends {
  layout: Layout;
  block: number;
  /** Of the array that has the layout, as the spec gives it. */
  stride: number;
  xOffset: number;
  yOffset: number;
}

/** The same copy of arrays with blocked channels; undefined where a run is not made of whole blocks of one image. */
function blockCopy(
  { over, api, layouts }: Context,
  { outer, length, xStride, yStride }: CopySpec,
  { layout, block, stride, xOffset, yOffset }: Ends,
): BlockCopy | undefined {
  const [images, channels, ...rest] = layout.shape as [number, number, ...number[]];
  const inner = rest.reduce((product, each) => product * each, 1);
  if (images !== outer || channels * inner !== stride) return undefined;
  const of = (runStride: number, offset: number) => {
    const [all, first, behind] = [runStride, offset, offset + length].map((values) => values / inner) as [
      number,
      number,
      number,
    ];
    // The last block of an array may have fewer channels.
    const isWhole = (channel: number): boolean => channel % block === 0 || channel === all;
    if (!Number.isInteger(all) || first % block !== 0 || !isWhole(behind) || behind > all) return undefined;
    const upTo = (channel: number): number => Math.ceil(channel / block) * block * inner;
    return { all, stride: upTo(all), first: first * inner, length: upTo(behind) - first * inner };
  };
  const [x, y] = [of(xStride, xOffset), of(yStride, yOffset)];
  if (x === undefined || y === undefined || x.length !== y.length) return undefined;
  const layoutOf = (all: number): Layout => layouts.of(api.blockedDesc([images, all, ...rest], block as 8 | 16));
  return {
    x: layoutOf(x.all),
    y: layoutOf(y.all),
    operation: over.copy({ outer, length: x.length, xStride: x.stride, yStride: y.stride }),
    offsets: { xOffset: x.first, yOffset: y.first, accumulate: false },
  };
}
