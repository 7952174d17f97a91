import type { ConvolutionSpec } from '@jacinto/core-tensor';
import { algorithm, argument, type ConvolutionGeometry, propagation, type Queried, stackedDesc } from './c-api-2.ts';
import type { Call, Context, Primitive } from './context.ts';
import type { Layout } from './layouts.ts';

export type ConvolutionChoice = 'auto' | 'direct';

/** A pass with the layouts of its arguments, which are placed in this order; the bias, where there is one, is the last. */
export interface ConvolutionPass<Argument extends string> {
  call: Call;
  layouts: Record<Argument, Layout>;
  bias: Layout | undefined;
}

export interface ConvolutionPasses {
  forward(): ConvolutionPass<'x' | 'w' | 'y'> | undefined;
  /** Undefined, too, where adding would cost the faster algorithm. */
  forwardAdding(): ConvolutionPass<'x' | 'w' | 'y' | 'addend'> | undefined;
  backwardData(): ConvolutionPass<'dy' | 'w' | 'dx'> | undefined;
  backwardWeights(): ConvolutionPass<'x' | 'dy' | 'dw'> | undefined;
}

/** Channels a group from which Winograd's algorithm, a group at a time, beats the direct one. */
const leastChannels = 32;

/** The passes of a convolution, each undefined where oneDNN has no fast primitive. */
export function convolutionPasses(
  context: Context,
  spec: ConvolutionSpec,
  choice: ConvolutionChoice,
): ConvolutionPasses {
  if (choice === 'auto' && spec.group > 1 && isSquare(spec)) {
    // oneDNN has Winograd's algorithm for one group only.
    const byGroup = passesOf(context, spec, choice, spec.group);
    if (byGroup.usesWinograd()) return byGroup;
  }
  return passesOf(context, spec, choice, 1);
}

/** 3×3 with a step of 1, and channels enough for Winograd's algorithm in each group. */
function isSquare({ w, group, stride, dilation }: ConvolutionSpec): boolean {
  const [outputs, inputs] = [w.shape[0]! / group, w.shape[1]!];
  const fits = (channels: number): boolean => channels >= leastChannels && channels % 16 === 0;
  if (!fits(outputs) || !fits(inputs)) return false;
  return [w.shape[2], w.shape[3]].every((k) => k === 3) && [...stride, ...dilation].every((each) => each === 1);
}

/** `parts`: groups done one by one, each in memory of its own; 1 for all at once. */
function passesOf(context: Context, spec: ConvolutionSpec, choice: ConvolutionChoice, parts: number) {
  const { api, layouts } = context;
  const { stride, dilation, pad, relu } = spec;
  const group = spec.group / parts;
  const partOf = ([first, channels, ...rest]: readonly number[]): number[] => [first!, channels! / parts, ...rest];
  const [x, y] = [partOf(spec.x.shape), partOf(spec.y.shape)];
  const outputs = spec.w.shape[0]! / parts;
  const ofOutput = spec.w.shape.slice(1);
  const w = group === 1 ? [outputs, ...ofOutput] : [group, outputs / group, ...ofOutput];
  const bias = layouts.plain([outputs]);
  const chosen = choice === 'auto' ? algorithm.convolutionAuto : algorithm.convolutionDirect;
  const geometry = (withBias: boolean): ConvolutionGeometry => ({
    src: api.anyDesc(x),
    weights: api.anyDesc(w),
    bias: withBias ? bias.desc : undefined,
    dst: api.anyDesc(y),
    stride,
    dilation: dilation.map((d) => d - 1),
    padBegin: pad,
    padEnd: pad,
  });
  const facts = [choice, x, w, y, stride, dilation, pad].join(' ');
  const whole = { x: spec.x.shape, y: spec.y.shape, w: undefined } as const;

  /** A layout of oneDNN's choice, for one part and for all. */
  function layoutOf(primitive: Primitive, which: Queried, what: 'x' | 'y' | 'w'): { each: Layout; all: Layout } {
    const each = layouts.of(api.descOf(primitive.descriptor, which));
    if (parts === 1) return { each, all: each };
    const shape = whole[what];
    if (shape !== undefined) return { each, all: layouts.stacked(each, parts, shape) };
    return { each, all: layouts.of(stackedDesc(each.desc, parts, each.bytes)) };
  }

  function pass<A extends string>(
    primitive: Primitive,
    args: readonly (readonly [name: A, which: Queried, what: 'x' | 'y' | 'w', argument: number])[],
    biasArgument?: number,
  ): ConvolutionPass<A> {
    const found = args.map(([, which, what]) => layoutOf(primitive, which, what));
    const entries = args.map(([, , , which], i) => [which, found[i]!.each] as const);
    const all = biasArgument === undefined ? entries : [...entries, [biasArgument, bias] as const];
    const calls = Array.from({ length: parts }, () => context.call(primitive, all));
    return {
      call:
        parts === 1
          ? calls[0]!
          : inTurn(
              calls,
              all.map(([, { bytes }]) => bytes),
            ),
      layouts: Object.fromEntries(args.map(([name], i) => [name, found[i]!.all])) as Record<A, Layout>,
      bias: biasArgument === undefined ? undefined : layouts.plain([spec.w.shape[0]!]),
    };
  }

  function hint(): Primitive | undefined {
    return context.primitive(`convolution ${facts} false undefined`, () =>
      context.describe(api.convolutionForward(propagation.training, chosen, geometry(false))),
    );
  }

  function describeWeights(forward: Primitive): number | undefined {
    const describe = (which: number) =>
      context.describe(api.convolutionBackwardWeights(which, geometry(true)), forward);
    // Left to itself oneDNN takes Winograd for fewer shapes than it is faster for.
    return (isWinograd(forward) ? describe(algorithm.convolutionWinograd) : undefined) ?? describe(chosen);
  }

  /** For pictures one by one oneDNN leaves out Winograd's algorithm, which counts the weights' transform that we do once. */
  function describeInference(attributes: number): number | undefined {
    if (spec.inference !== true || choice !== 'auto' || spec.group > 1 || !isSquare(spec)) return undefined;
    const desc = api.convolutionForward(propagation.inference, algorithm.convolutionWinograd, geometry(spec.bias));
    return context.describe(desc, undefined, attributes);
  }

  return {
    usesWinograd(): boolean {
      const forward = hint();
      return forward !== undefined && isWinograd(forward);
    },
    forward() {
      const inference = spec.inference === true ? ' inference' : '';
      const primitive = context.primitive(`convolution ${facts} ${spec.bias} ${relu?.slope}${inference}`, () => {
        const attributes = api.fusedAttributes({ slope: relu?.slope });
        const desc = api.convolutionForward(propagation.training, chosen, geometry(spec.bias));
        return describeInference(attributes) ?? context.describe(desc, undefined, attributes);
      });
      return primitive && pass(primitive, forwardArguments, spec.bias ? argument.bias : undefined);
    },
    forwardAdding() {
      const alone = hint();
      if (alone === undefined || isWinograd(alone) || parts > 1 || (spec.inference === true && isSquare(spec)))
        return undefined;
      const add = api.descOf(alone.descriptor, 'dst');
      const primitive = context.primitive(`convolution adding ${facts} ${spec.bias} ${relu?.slope}`, () => {
        const desc = api.convolutionForward(propagation.inference, chosen, { ...geometry(spec.bias), dst: add });
        return context.describe(desc, undefined, api.fusedAttributes({ add, slope: relu?.slope }));
      });
      const args = [...forwardArguments, ['addend', 'dst', 'y', argument.firstPostOp]] as const;
      return primitive && pass(primitive, args, spec.bias ? argument.bias : undefined);
    },
    backwardData() {
      const forward = hint();
      if (forward === undefined) return undefined;
      const primitive = context.primitive(`convolution data ${facts}`, () =>
        context.describe(api.convolutionBackwardData(chosen, geometry(false)), forward),
      );
      const args = [
        ['dy', 'diffDst', 'y', argument.diffDst],
        ['w', 'weights', 'w', argument.weights],
        ['dx', 'diffSrc', 'x', argument.diffSrc],
      ] as const;
      return primitive && pass(primitive, args);
    },
    backwardWeights() {
      const forward = hint();
      if (forward === undefined) return undefined;
      const primitive = context.primitive(`convolution weights ${facts}`, () => describeWeights(forward));
      const args = [
        ['x', 'src', 'x', argument.src],
        ['dy', 'diffDst', 'y', argument.diffDst],
        ['dw', 'diffWeights', 'w', argument.diffWeights],
      ] as const;
      return primitive && pass(primitive, args, argument.diffBias);
    },
  } satisfies ConvolutionPasses & { usesWinograd(): boolean };
}

const forwardArguments = [
  ['x', 'src', 'x', argument.src],
  ['w', 'weights', 'w', argument.weights],
  ['y', 'dst', 'y', argument.dst],
] as const;

const isWinograd = ({ implementation }: Primitive): boolean => implementation.includes('wino');

/** Calls on arrays that lie one behind the other. `bytes`: of each argument of one call. */
function inTurn(calls: readonly Call[], bytes: readonly number[]): Call {
  return {
    place(index, offset) {
      for (let i = 0; i < calls.length; i++) calls[i]!.place(index, offset + i * bytes[index]!);
    },
    run() {
      for (const call of calls) call.run();
    },
    executions: calls.flatMap(({ executions }) => executions),
  };
}
