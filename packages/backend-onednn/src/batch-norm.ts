import { type BatchNormOperation, countOf, type Operations, Values } from '@jacinto/core-tensor';
import { argument, normalization, propagation } from './c-api-2.ts';
import type { Call, Context, Primitive } from './context.ts';
import type { Layout } from './layouts.ts';
import { onceEach } from './once.ts';
import type { Places } from './places.ts';

type Entry = readonly [which: number, layout: Layout];

interface Prepared {
  call: Call;
  primitive: Primitive;
  /** Which values were positive, for the gradient of a fused ReLU. */
  workspace: Layout | undefined;
}

/** Places of arguments in the calls below. */
const at = { x: 0, mean: 1, variance: 2, y: 3, dy: 3, dx: 4, scale: 5, bias: 6 } as const;

/**
 * Batch norm of N,C,H,W in the layout its input has. A ReLU with a slope, other numbers of axes, and gradients through
 * global statistics go to the backend below.
 */
export function batchNormWith(context: Context, places: Places, below: Operations): Operations['batchNorm'] {
  return (spec) => {
    const handed = below.batchNorm(spec);
    const { shape } = spec.x;
    if (shape.length !== 4 || countOf(shape) === 0 || (spec.relu !== undefined && spec.relu.slope !== 0)) return handed;
    const { api, layouts } = context;
    // Threads that share a channel wait for each other in a loop without rest. Where there are two, and something else
    // needs a core, each wait lasts a time slice, a hundred times what the second thread saves.
    const threads = context.allThreads === 2 ? 1 : context.allThreads;
    const sparing = <T>(work: () => T): T => context.withThreads(threads, work);
    const channels = shape[1]!;
    const perChannel = layouts.plain([channels]);
    const flags =
      (spec.scale ? normalization.scale : 0) |
      (spec.bias ? normalization.shift : 0) |
      (spec.relu === undefined ? 0 : normalization.fuseRelu);
    const own = () => new Values(context.over, channels);
    const [mean2, variance, dScale, dBias] = [own(), own(), own(), own()];
    const workspace = { values: new Values(context.over), layout: undefined as Layout | undefined };
    let positive: { x: Values; y: Values; layout: Layout } | undefined;

    function prepare(kind: 'training' | 'global' | 'backward', layout: Layout): Prepared | undefined {
      const key = (which: string): string => `norm ${which} ${layout.id} ${spec.eps} ${flags}`;
      const affine: Entry[] = [];
      const backward = kind === 'backward';
      if (spec.scale) affine.push([argument.scale, perChannel]);
      if (spec.bias) affine.push([argument.shift, perChannel]);
      const entries: Entry[] = [
        [argument.src, layout],
        [argument.mean, perChannel],
        [argument.variance, perChannel],
        [backward ? argument.diffDst : argument.dst, layout],
      ];
      if (kind === 'global') {
        const primitive = context.primitive(key(kind), () =>
          context.describe(
            api.normForward(propagation.inference, layout.desc, spec.eps, flags | normalization.globalStatistics),
          ),
        );
        return primitive && { primitive, call: context.call(primitive, [...entries, ...affine]), workspace: undefined };
      }
      const training = context.primitive(key('training'), () =>
        context.describe(api.normForward(propagation.training, layout.desc, spec.eps, flags)),
      );
      if (training === undefined) return undefined;
      let primitive: Primitive | undefined = training;
      if (backward) {
        const direction = spec.scale || spec.bias ? propagation.backward : propagation.backwardData;
        primitive = context.primitive(key(kind), () =>
          context.describe(api.normBackward(direction, layout.desc, layout.desc, spec.eps, flags), training),
        );
        if (primitive === undefined) return undefined;
        entries.push([argument.diffSrc, layout]);
        if (spec.scale) affine.push([argument.diffScale, perChannel]);
        if (spec.bias) affine.push([argument.diffShift, perChannel]);
      }
      const bits = spec.relu === undefined ? undefined : layouts.of(api.descOf(training.descriptor, 'workspace'));
      if (bits !== undefined) affine.push([argument.workspace, bits]);
      return { primitive, call: context.call(primitive, [...entries, ...affine]), workspace: bits };
    }

    const training = onceEach((layout: Layout) => sparing(() => prepare('training', layout)));
    const global = onceEach((layout: Layout) => prepare('global', layout));
    const backward = onceEach((layout: Layout) => sparing(() => prepare('backward', layout)));

    /** Scale, bias, their gradients and the workspace, behind `first` other arguments. */
    function placeRest(p: Prepared, first: number, scale: Values | undefined, bias: Values | undefined | null): void {
      let index = first;
      if (spec.scale) p.call.place(index++, places.readPlain(scale!));
      // The gradient takes no bias, but the argument stands in its list.
      if (spec.bias) p.call.place(index++, bias === null ? variance.address : places.readPlain(bias!));
      if (first === at.dx + 1) {
        if (spec.scale) p.call.place(index++, dScale.address);
        if (spec.bias) p.call.place(index++, dBias.address);
      }
      if (p.workspace === undefined) return;
      if (workspace.layout !== p.workspace) {
        workspace.values.resize(Math.ceil(p.workspace.bytes / 4));
        workspace.layout = p.workspace;
      }
      p.call.place(index, workspace.values.address);
    }

    return {
      forwardTraining(v, running) {
        const layout = places.layoutOf(v.x, shape);
        // A stash takes over the memory of x in oneDNN's layouts; plain memory must be copied.
        const stays = v.stash !== undefined && (layout.plain || v.x !== v.y);
        const p = stays ? undefined : training(layout);
        if (p === undefined) return handed.forwardTraining(v, running);
        placeRest(p, at.y + 1, v.scale, v.bias);
        if (v.stash !== undefined) {
          const { kept, fresh } = places.hand(v.x, v.stash, layout);
          p.call.place(at.x, kept);
          p.call.place(at.y, fresh);
        } else {
          p.call.place(at.x, places.read(v.x, layout));
          p.call.place(at.y, places.write(v.y, layout));
        }
        p.call.place(at.mean, v.mean.address);
        p.call.place(at.variance, variance.address);
        sparing(p.call.run);
        positive = { x: v.stash ?? v.x, y: v.y, layout };
        const [mean, spread, invStd] = [v.mean.hostWrite(), variance.hostRead(), v.invStd.hostWrite()];
        for (let c = 0; c < channels; c++) invStd[c] = 1 / Math.sqrt(spread[c]! + spec.eps);
        if (spec.relu !== undefined) keepNaN(v.y, shape, [spread, v.scale?.hostRead(), v.bias?.hostRead()]);
        if (running === undefined) return;
        const { keep, add, varianceCorrection } = running;
        mix(v.runningMean, mean, keep, add);
        mix(v.runningVariance, spread, keep, add * varianceCorrection);
      },
      backwardTraining(v, options) {
        const hasRelu = spec.relu !== undefined;
        const known = positive !== undefined && positive.x === v.x && positive.y === v.y ? positive.layout : undefined;
        const ofX = places.layoutOf(v.x, shape);
        const layout = hasRelu ? known : ofX.plain ? places.layoutOf(v.dy, shape) : ofX;
        const p = layout === undefined || v.dx === undefined ? undefined : backward(layout);
        if (p === undefined) return handed.backwardTraining(v, options);
        const invStd = v.invStd.hostRead();
        const spread = variance.hostWrite();
        for (let c = 0; c < channels; c++) spread[c] = 1 / (invStd[c]! * invStd[c]!) - spec.eps;
        placeRest(p, at.dx + 1, v.scale, null);
        p.call.place(at.x, places.read(v.x, layout!));
        p.call.place(at.mean, places.readPlain(v.mean));
        p.call.place(at.variance, variance.address);
        p.call.place(at.dy, places.read(v.dy, layout!));
        p.call.place(at.dx, places.write(v.dx!, layout!));
        sparing(p.call.run);
        const keep = options.accumulate ? 1 : 0;
        mix(v.dScale, dScale.hostRead(), keep, 1);
        mix(v.dBias, dBias.hostRead(), keep, 1);
      },
      forwardGlobal(v, options) {
        const layout = places.layoutOf(v.x, shape);
        const p = global(layout);
        if (p === undefined) return handed.forwardGlobal(v, options);
        const factor = options?.statisticsFactor ?? 1;
        placeRest(p, at.y + 1, v.scale, v.bias);
        p.call.place(at.mean, scaled(places, v.mean, mean2, factor));
        p.call.place(at.variance, scaled(places, v.variance, variance, factor));
        p.call.place(at.x, places.read(v.x, layout));
        p.call.place(at.y, places.write(v.y, layout));
        p.call.run();
      },
      backwardGlobal: handed.backwardGlobal,
    } satisfies BatchNormOperation;
  };
}

/**
 * oneDNN's fused ReLU makes NaN 0, which would hide that a training has diverged: channels that are NaN throughout, for
 * their statistics or factors are, become so again.
 */
function keepNaN(y: Values, shape: readonly number[], perChannel: readonly (ArrayLike<number> | undefined)[]): void {
  const [items, channels, height, width] = shape as [number, number, number, number];
  for (let c = 0; c < channels; c++) {
    if (!perChannel.some((values) => values !== undefined && Number.isNaN(values[c]))) continue;
    const values = y.hostUpdate();
    for (let n = 0; n < items; n++) {
      const begin = (n * channels + c) * height * width;
      values.fill(Number.NaN, begin, begin + height * width);
    }
  }
}

/** target = keep·target + add·source; keep 0 never reads the target. */
function mix(target: Values | undefined, source: ArrayLike<number>, keep: number, add: number): void {
  if (target === undefined) return;
  if (keep === 0) {
    const values = target.hostWrite();
    for (let i = 0; i < source.length; i++) values[i] = add * source[i]!;
    return;
  }
  const values = target.hostUpdate();
  for (let i = 0; i < source.length; i++) values[i] = keep * values[i]! + add * source[i]!;
}

/** Where factor·values lie. */
function scaled(places: Places, values: Values, own: Values, factor: number): number {
  if (factor === 1) return places.readPlain(values);
  const source = values.hostRead();
  const target = own.hostWrite();
  for (let i = 0; i < source.length; i++) target[i] = factor * source[i]!;
  return own.address;
}
