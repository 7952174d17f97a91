import { type ConvolutionOperation, type ConvolutionSpec, countOf, type Operations } from '@jacinto/core-tensor';
import { algorithm, argument, type ConvolutionGeometry, propagation } from './c-api-2.ts';
import type { Call, Context, Primitive } from './context.ts';
import type { Layout } from './layouts.ts';
import { once } from './once.ts';
import type { Places } from './places.ts';

export type ConvolutionChoice = 'auto' | 'direct';

interface Forward {
  call: Call;
  x: Layout;
  w: Layout;
  y: Layout;
}

interface BackwardData {
  call: Call;
  dy: Layout;
  w: Layout;
  dx: Layout;
}

interface BackwardWeights {
  call: Call;
  x: Layout;
  dy: Layout;
  dw: Layout;
  plainWeights: Layout;
}

/** Convolutions in the layouts that oneDNN likes best; cases it has no fast primitive for go to the backend below. */
export function convolutionWith(
  context: Context,
  places: Places,
  below: Operations,
  choice: ConvolutionChoice,
): Operations['convolution'] {
  return (spec) => {
    // It checks the spec, too.
    const handed = below.convolution(spec);
    if (!isSuited(spec)) return handed;
    const primitives = primitivesOf(context, spec, choice);
    const forward = once(() => primitives.forward());
    const backwardData = once(() => primitives.backwardData());
    const backwardWeights = once(() => primitives.backwardWeights());
    const sumBias = context.over.axpby({ count: spec.w.shape[0]! });
    const biasAlias = places.alias();
    return {
      forward(x, w, b, y) {
        const p = forward();
        if (p === undefined) return handed.forward(x, w, b, y);
        p.call.place(0, places.read(x, p.x));
        p.call.place(1, places.read(w, p.w));
        if (spec.bias) p.call.place(3, places.readPlain(b!));
        p.call.place(2, places.write(y, p.y));
        p.call.run();
      },
      backwardData(dy, w, dx) {
        const p = backwardData();
        if (p === undefined) return handed.backwardData(dy, w, dx);
        p.call.place(0, places.read(dy, p.dy));
        p.call.place(1, places.read(w, p.w));
        p.call.place(2, places.write(dx, p.dx));
        p.call.run();
      },
      backwardWeights(x, dy, dw, db, options) {
        const p = backwardWeights();
        if (p === undefined || dw === undefined) return handed.backwardWeights(x, dy, dw, db, options);
        const { accumulate } = options;
        p.call.place(0, places.read(x, p.x));
        p.call.place(1, places.read(dy, p.dy));
        // oneDNN overwrites: what accumulates, or needs the plain order, goes through memory on the way.
        const direct = !accumulate && p.dw.plain;
        const at = direct ? dw.address : context.scratch('weight gradients', p.dw.bytes);
        p.call.place(2, at);
        const gradient = db === undefined || accumulate ? context.scratch('bias gradients', 4 * spec.w.shape[0]!) : 0;
        p.call.place(3, gradient === 0 ? db!.address : gradient);
        p.call.run();
        const target = accumulate ? places.updatePlain(dw) : places.write(dw, p.plainWeights);
        if (!direct) context.reorder(p.dw, at, p.plainWeights, target, accumulate);
        if (db === undefined) return;
        if (accumulate) {
          places.updatePlain(db);
          sumBias.run(1, biasAlias.at(gradient), 1, db);
        } else db.markCurrent('host');
      },
    } satisfies ConvolutionOperation;
  };
}

/** Two spatial axes, and something to compute. */
function isSuited({ x, w, y }: ConvolutionSpec): boolean {
  return x.shape.length === 4 && [x, w, y].every(({ shape }) => countOf(shape) > 0);
}

function primitivesOf(context: Context, spec: ConvolutionSpec, choice: ConvolutionChoice) {
  const { api, layouts } = context;
  const { x, w, y, group, stride, dilation, pad, relu } = spec;
  const chosen = choice === 'auto' ? algorithm.convolutionAuto : algorithm.convolutionDirect;
  const outputs = w.shape[0]!;
  const weights = group === 1 ? w.shape : [group, outputs / group, ...w.shape.slice(1)];
  const bias = layouts.plain([outputs]);
  const geometry = (withBias: boolean): ConvolutionGeometry => ({
    src: api.anyDesc(x.shape),
    weights: api.anyDesc(weights),
    bias: withBias ? bias.desc : undefined,
    dst: api.anyDesc(y.shape),
    stride,
    dilation: dilation.map((d) => d - 1),
    padBegin: pad,
    padEnd: pad,
  });
  const facts = [choice, x.shape, weights, y.shape, stride, dilation, pad].join(' ');

  function hint(): Primitive | undefined {
    return context.primitive(`convolution ${facts} false undefined`, () =>
      context.describe(api.convolutionForward(propagation.training, chosen, geometry(false))),
    );
  }

  return {
    forward(): Forward | undefined {
      const primitive = context.primitive(`convolution ${facts} ${spec.bias} ${relu?.slope}`, () => {
        const desc = api.convolutionForward(propagation.training, chosen, geometry(spec.bias));
        return context.describe(desc, undefined, relu === undefined ? 0 : api.reluAttributes(relu.slope));
      });
      if (primitive === undefined) return undefined;
      const of = (which: 'src' | 'weights' | 'dst') => layouts.of(api.descOf(primitive.descriptor, which));
      const found = { x: of('src'), w: of('weights'), y: of('dst') };
      const call = context.call(primitive, [
        [argument.src, found.x],
        [argument.weights, found.w],
        [argument.dst, found.y],
        ...(spec.bias ? [[argument.bias, bias] as const] : []),
      ]);
      return { call, ...found };
    },
    backwardData(): BackwardData | undefined {
      const forward = hint();
      if (forward === undefined) return undefined;
      const primitive = context.primitive(`convolution data ${facts}`, () =>
        context.describe(api.convolutionBackwardData(chosen, geometry(false)), forward),
      );
      if (primitive === undefined) return undefined;
      const of = (which: 'diffSrc' | 'weights' | 'diffDst') => layouts.of(api.descOf(primitive.descriptor, which));
      const found = { dy: of('diffDst'), w: of('weights'), dx: of('diffSrc') };
      const call = context.call(primitive, [
        [argument.diffDst, found.dy],
        [argument.weights, found.w],
        [argument.diffSrc, found.dx],
      ]);
      return { call, ...found };
    },
    backwardWeights(): BackwardWeights | undefined {
      const forward = hint();
      if (forward === undefined) return undefined;
      const primitive = context.primitive(`convolution weights ${facts}`, () =>
        context.describe(api.convolutionBackwardWeights(chosen, geometry(true)), forward),
      );
      if (primitive === undefined) return undefined;
      const of = (which: 'src' | 'diffWeights' | 'diffDst') => layouts.of(api.descOf(primitive.descriptor, which));
      const found = { x: of('src'), dy: of('diffDst'), dw: of('diffWeights') };
      const call = context.call(primitive, [
        [argument.src, found.x],
        [argument.diffDst, found.dy],
        [argument.diffWeights, found.dw],
        [argument.diffBias, bias],
      ]);
      return { call, ...found, plainWeights: layouts.plain(weights) };
    },
  };
}
