import { countOf, type Operations, type PoolingOperation, type PoolingSpec, type Values } from '@jacinto/core-tensor';
import { algorithm, argument, type PoolingGeometry, propagation } from './c-api-2.ts';
import { usualLayout } from './channel-blocks.ts';
import type { Call, Context } from './context.ts';
import type { Layout } from './layouts.ts';
import { once, onceEach } from './once.ts';
import { Placed, PlacedCall } from './placed.ts';
import type { Places } from './places.ts';

interface Prepared {
  forward: Call;
  /** Where nobody needs winners: averages, too. */
  forwardOnly: () => PlacedCall;
  backward: Call;
  x: Layout;
  y: Layout;
  /** Index of each winner in its window (max only). */
  winners: Layout | undefined;
}

/**
 * Pooling in the layout its input has; plain values, windows that lie outside the image, and averages with padding over
 * windows cut off by the padded image's border go to the backend below. One corner differs from the contract where
 * values are in oneDNN's layout: a window of nothing but NaN or −∞ gives −FLT_MAX as it must, but its mask names its
 * first value.
 */
export function poolingWith(context: Context, places: Places, below: Operations): Operations['pooling'] {
  return (spec) => {
    const handed = below.pooling(spec);
    const padEnd = endPadding(spec);
    if (padEnd === undefined) return handed;
    const geometry = { kernel: spec.kernel, stride: spec.stride, padBegin: spec.pad, padEnd };
    const prepared = onceEach((layout: Layout) => prepare(context, places, spec, geometry, layout));
    const decode = winnersToMask(spec);
    /** In the layout of x; or where those who read y wished for another that oneDNN has kernels for, in that. */
    const preparedFor = (x: Values, y: Values): Prepared | undefined => {
      const layout = places.layoutOf(x, spec.x.shape);
      if (layout.plain) return undefined;
      const wish = places.wishOf(y, spec.y.shape);
      const isUsual = wish !== undefined && wish === usualLayout(context, spec.y.shape);
      return (isUsual ? prepared(usualLayout(context, spec.x.shape)) : undefined) ?? prepared(layout);
    };
    /** What the last forward pass worked in. */
    let last: Prepared | undefined;
    return {
      forward(x, y, mask) {
        last = preparedFor(x, y);
        if (last === undefined) return handed.forward(x, y, mask);
        if (last.winners === undefined || mask === undefined) return last.forwardOnly().run([x], y);
        last.forward.place(0, places.read(x, last.x));
        last.forward.place(1, places.write(y, last.y));
        last.forward.place(2, places.write(mask, last.winners, decode));
        last.forward.run();
      },
      backward(dy, dx, mask) {
        const p = last;
        const known = p !== undefined && (p.winners === undefined || places.has(mask!, p.winners));
        if (!known) return handed.backward(dy, dx, mask);
        p.backward.place(0, places.read(dy, p.y));
        if (p.winners !== undefined) p.backward.place(2, places.read(mask!, p.winners));
        p.backward.place(1, places.write(dx, p.x));
        p.backward.run();
      },
    } satisfies PoolingOperation;
  };
}

/** Padding at the far ends, where Caffe's windows are oneDNN's. */
function endPadding({ method, x, y, kernel, stride, pad }: PoolingSpec): [number, number] | undefined {
  if (countOf(x.shape) === 0 || countOf(y.shape) === 0) return undefined;
  const ends = ([0, 1] as const).map((axis) => {
    const [input, output] = [x.shape[axis + 2]!, y.shape[axis + 2]!];
    const end = Math.max(0, (output - 1) * stride[axis] + kernel[axis] - input - pad[axis]);
    const fits = Math.floor((input - kernel[axis] + pad[axis] + end) / stride[axis]) + 1 === output;
    // Windows that reach further count less than their area in Caffe's averages.
    const most = method === 'average' && isPadded(pad) ? pad[axis] : kernel[axis] - 1;
    return fits && pad[axis] < kernel[axis] && end <= most ? end : -1;
  }) as [number, number];
  return ends.includes(-1) ? undefined : ends;
}

const isPadded = (pad: readonly number[]): boolean => pad.some((each) => each > 0);

/** Without padding Caffe's averages are over the part of a window inside the image; with it, padding counts. */
function algorithmOf({ method, pad }: PoolingSpec): number {
  if (method === 'max') return algorithm.poolingMax;
  return isPadded(pad) ? algorithm.poolingAverageIncludePadding : algorithm.poolingAverageExcludePadding;
}

function prepare(
  context: Context,
  places: Places,
  spec: PoolingSpec,
  geometry: Omit<PoolingGeometry, 'src' | 'dst'>,
  x: Layout,
): Prepared | undefined {
  const { api, layouts } = context;
  const chosen = algorithmOf(spec);
  const { kernel, stride, padBegin, padEnd } = geometry;
  const facts = [spec.method, x.id, spec.y.shape, kernel, stride, padBegin, padEnd].join(' ');
  const describe = (kind: number): number | undefined =>
    context.describe(api.poolForward(kind, chosen, { src: x.desc, dst: api.anyDesc(spec.y.shape), ...geometry }));
  const forward = context.primitive(`pooling ${facts}`, () => describe(propagation.training));
  if (forward === undefined) return undefined;
  const y = layouts.of(api.descOf(forward.descriptor, 'dst'));
  const backward = context.primitive(`pooling back ${facts}`, () =>
    context.describe(api.poolBackward(chosen, { src: x.desc, dst: y.desc, ...geometry }), forward),
  );
  if (backward === undefined) return undefined;
  const winners = spec.method === 'max' ? layouts.of(api.descOf(forward.descriptor, 'workspace')) : undefined;
  const workspace = winners === undefined ? [] : [[argument.workspace, winners] as const];
  return {
    ...{ x, y, winners },
    forward: context.call(forward, [[argument.src, x], [argument.dst, y], ...workspace]),
    forwardOnly: once(() => {
      const primitive =
        winners === undefined
          ? forward
          : context.primitive(`pooling only ${facts}`, () => describe(propagation.inference))!;
      const call = context.call(primitive, [
        [argument.src, x],
        [argument.dst, y],
      ]);
      return new PlacedCall(call, [new Placed(places, call, 0, x)], new Placed(places, call, 1, y));
    }),
    backward: context.call(backward, [[argument.diffDst, y], [argument.diffSrc, x], ...workspace]),
  };
}

/** Turns indices in windows, in C order, into the contract's h·W+w. */
function winnersToMask({ x, y, kernel, stride, pad }: PoolingSpec): (indices: Float32Array) => void {
  const width = x.shape[3]!;
  const [rows, columns] = [y.shape[2]!, y.shape[3]!];
  return (indices) => {
    let i = 0;
    while (i < indices.length) {
      for (let row = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++) {
          const index = indices[i]!;
          const kernelRow = Math.floor(index / kernel[1]);
          const h = row * stride[0] - pad[0] + kernelRow;
          indices[i++] = h * width + column * stride[1] - pad[1] + index - kernelRow * kernel[1];
        }
      }
    }
  };
}
