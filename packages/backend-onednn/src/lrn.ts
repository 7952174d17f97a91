import { countOf, type LrnOperation, type LrnSpec, type Operations } from '@jacinto/core-tensor';
import { algorithm, argument, interleavedDesc, propagation } from './c-api-2.ts';
import { blockOf } from './channel-blocks.ts';
import type { Call, Context, Primitive } from './context.ts';
import type { Layout } from './layouts.ts';
import { once, onceEach } from './once.ts';
import { Placed, PlacedCall } from './placed.ts';
import type { Places } from './places.ts';

interface Prepared {
  layout: Layout;
  /** What the backward pass needs beside x, as the copy of `s` that it is. */
  scale: Layout;
  decode: ((values: Float32Array) => void) | undefined;
  forward: Call;
  backward: PlacedCall;
}

/**
 * Local response normalisation in blocks of channels, where oneDNN has a fast kernel: two or more whole blocks of 8, an
 * exponent of 0.75, and windows of 5 across channels, of 3 or 5 within. Plain values are reordered for it, for it takes
 * an eighth of the time of the backend below, which does all else.
 */
export function lrnWith(context: Context, places: Places, below: Operations): Operations['lrn'] {
  return (spec) => {
    const handed = below.lrn(spec);
    const { shape } = spec.x;
    if (shape.length !== 4 || countOf(shape) === 0) return handed;
    const prepared = onceEach((layout: Layout) => {
      const isBlocked = layout.bytes === 4 * layout.count && blockOf(context, layout) !== undefined;
      return isBlocked ? prepare(context, places, spec, layout) : undefined;
    });
    const usual = once(() => {
      const layouts = ([16, 8] as const).map((block) => context.layouts.of(context.api.blockedDesc(shape, block)));
      return layouts.map(prepared).find((each) => each !== undefined);
    });
    /** What the last forward pass worked in. */
    let last: Prepared | undefined;
    return {
      forward(x, y, s) {
        last = prepared(places.layoutOf(x, shape)) ?? usual();
        if (last === undefined) return handed.forward(x, y, s);
        last.forward.place(0, places.read(x, last.layout));
        last.forward.place(1, places.write(y, last.layout));
        last.forward.place(2, places.write(s, last.scale, last.decode));
        last.forward.run();
      },
      backward(x, y, s, dy, dx) {
        if (last === undefined || !places.has(s, last.scale)) return handed.backward(x, y, s, dy, dx);
        last.backward.run([x, dy, s], dx);
      },
    } satisfies LrnOperation;
  };
}

function prepare(context: Context, places: Places, spec: LrnSpec, layout: Layout): Prepared | undefined {
  const { api, layouts } = context;
  const { size, alpha, beta } = spec;
  const across = spec.region === 'across-channels';
  const chosen = across ? algorithm.lrnAcrossChannels : algorithm.lrnWithinChannel;
  const parameters = { size, alpha, beta, k: across ? spec.k : 1 };
  const facts = [spec.region, layout.id, ...Object.values(parameters)].join(' ');
  const forward = context.primitive(`lrn ${facts}`, () =>
    context.describe(api.lrnForward(propagation.training, chosen, layout.desc, parameters)),
  );
  if (forward === undefined) return undefined;
  const backward = context.primitive(`lrn back ${facts}`, () =>
    context.describe(api.lrnBackward(chosen, layout.desc, parameters), forward),
  );
  if (backward === undefined) return undefined;
  const workspace = { desc: api.descOf(forward.descriptor, 'workspace') };
  const { interleavedAxes, power } = scaleOf(forward, spec);
  const scale = layouts.leading(
    interleavedDesc(layout.desc, interleavedAxes),
    layout.shape,
    api.descSize(workspace.desc),
  );
  const back = context.call(backward, [
    [argument.src, layout],
    [argument.diffDst, layout],
    [argument.workspace, workspace],
    [argument.diffSrc, layout],
  ]);
  const placed = [layout, layout, scale, layout].map((each, i) => new Placed(places, back, i, each));
  return {
    ...{ layout, scale, decode: rootOf(power) },
    forward: context.call(forward, [
      [argument.src, layout],
      [argument.dst, layout],
      [argument.workspace, workspace],
    ]),
    backward: new PlacedCall(back, placed.slice(0, 3), placed[3]!),
  };
}

/** Height from which oneDNN's kernels across channels take a row at a time. */
const leastRows = 29;

/**
 * What the copy of `s` is. oneDNN keeps two arrays; the first has s^beta, or s. All of it lies first; or after each
 * block of channels, or each row of such a block, comes one of the other.
 */
function scaleOf({ implementation }: Primitive, { region, beta, x }: LrnSpec) {
  const byBlock = implementation.startsWith('lrn_jit');
  const isPower = byBlock || region === 'within-channel';
  const axes = byBlock ? (x.shape[2]! < leastRows ? 2 : 3) : 0;
  return { interleavedAxes: axes, power: isPower && beta !== 1 ? beta : 1 };
}

function rootOf(power: number): ((values: Float32Array) => void) | undefined {
  if (power === 1) return undefined;
  return (values) => {
    for (let i = 0; i < values.length; i++) values[i] = values[i]! ** (1 / power);
  };
}
