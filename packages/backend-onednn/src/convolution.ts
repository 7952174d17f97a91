import { type ConvolutionOperation, type ConvolutionSpec, countOf, type Operations } from '@jacinto/core-tensor';
import type { Context } from './context.ts';
import { type ConvolutionChoice, type ConvolutionPass, convolutionPasses } from './convolution-primitives.ts';
import { once } from './once.ts';
import { Placed, PlacedCall } from './placed.ts';
import type { Places } from './places.ts';

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
    const passes = once(() => convolutionPasses(context, spec, choice));
    const forward = once(() => placed(places, passes().forward(), 'y'));
    const backwardData = once(() => placed(places, passes().backwardData(), 'dx'));
    const backwardWeights = once(() => passes().backwardWeights());
    const adding = spec.add === true ? placed(places, passes().forwardAdding(), 'y') : undefined;
    const plainWeights = context.layouts.plain(weightShape(spec));
    const sumBias = context.over.axpby({ count: spec.w.shape[0]! });
    const biasAlias = places.alias();
    return {
      forward(x, w, b, y) {
        const p = forward();
        if (p === undefined) return handed.forward(x, w, b, y);
        p.run([x, w, b], y);
      },
      ...(adding && {
        forwardAdding(x, w, b, addend, y) {
          adding.run([x, w, addend, b], y);
        },
      }),
      backwardData(dy, w, dx) {
        const p = backwardData();
        if (p === undefined) return handed.backwardData(dy, w, dx);
        p.run([dy, w], dx);
      },
      backwardWeights(x, dy, dw, db, options) {
        const p = backwardWeights();
        if (p === undefined || dw === undefined) return handed.backwardWeights(x, dy, dw, db, options);
        const accumulate = options.accumulate && !places.isClear(dw);
        const addsBias = db !== undefined && options.accumulate && !places.isClear(db);
        p.call.place(0, places.read(x, p.layouts.x));
        p.call.place(1, places.read(dy, p.layouts.dy));
        // oneDNN overwrites: what accumulates, or needs the plain order, goes through memory on the way.
        const direct = !accumulate && p.layouts.dw.plain;
        const at = direct ? dw.address : context.scratch('weight gradients', p.layouts.dw.bytes);
        p.call.place(2, at);
        const gradient = db === undefined || addsBias ? context.scratch('bias gradients', 4 * spec.w.shape[0]!) : 0;
        p.call.place(3, gradient === 0 ? db!.address : gradient);
        p.call.run();
        const target = accumulate ? places.updatePlain(dw) : places.write(dw, plainWeights);
        if (!direct) context.reorder(p.layouts.dw, at, plainWeights, target, accumulate);
        if (db === undefined) return;
        if (addsBias) {
          places.updatePlain(db);
          sumBias.run(1, biasAlias.at(gradient), 1, db);
        } else db.markCurrent('host');
      },
    } satisfies ConvolutionOperation;
  };
}

/** A pass that is run with what it reads, in its arguments' order and the bias last, and with what it writes. */
function placed<A extends string>(places: Places, pass: ConvolutionPass<A> | undefined, output: A) {
  if (pass === undefined) return undefined;
  const { call, layouts, bias } = pass;
  const names = Object.keys(layouts) as A[];
  const args = names.map((name, i) => new Placed(places, call, i, layouts[name]));
  const inputs = args.filter((_, i) => names[i] !== output);
  if (bias !== undefined) inputs.push(new Placed(places, call, args.length, bias));
  return new PlacedCall(call, inputs, args[names.indexOf(output)]!);
}

/** As oneDNN has them: groups are an axis. */
function weightShape({ w, group }: ConvolutionSpec): readonly number[] {
  return group === 1 ? w.shape : [group, w.shape[0]! / group, ...w.shape.slice(1)];
}

/** Two spatial axes, and something to compute. */
function isSuited({ x, w, y }: ConvolutionSpec): boolean {
  return x.shape.length === 4 && [x, w, y].every(({ shape }) => countOf(shape) > 0);
}
