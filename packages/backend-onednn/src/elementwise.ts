import type {
  AxpbyOperation,
  EltwiseOperation,
  Operations,
  UnaryName,
  UnaryOperation,
  Values,
} from '@jacinto/core-tensor';
import type { Context } from './context.ts';
import type { Layout } from './layouts.ts';
import type { Places } from './places.ts';

// What treats every value alike needs no order of values: the backend below does it where the values lie, whatever their
// layout. Layouts with padded channels are left out where the function of 0 is not 0, for padding must stay 0.

/** Functions that give 0 for 0, in both directions (gradients of padding are 0). */
const zeroPreserving: ReadonlySet<UnaryName> = new Set(['relu', 'elu', 'tanh', 'abs', 'square']);
/** What a function's gradient reads beside dy. */
const gradientReads: Readonly<Record<UnaryName, readonly ('x' | 'y')[]>> = {
  relu: ['x'],
  elu: ['x', 'y'],
  sigmoid: ['y'],
  tanh: ['y'],
  abs: ['x'],
  bnll: ['x'],
  exp: ['y'],
  log: ['x'],
  power: ['x'],
  threshold: [],
  square: ['x'],
};

/** Operations of the backend below by the number of values, padding included. */
function byCount<T>(prepare: (count: number) => T): (layout: Layout | undefined, count: number) => T {
  const made = new Map<number, T>();
  return (layout, count) => {
    const words = layout === undefined || layout.plain ? count : layout.bytes / 4;
    let operation = made.get(words);
    if (operation === undefined) {
      operation = prepare(words);
      made.set(words, operation);
    }
    return operation;
  };
}

/** The layout to work in: the first of these values that has one of oneDNN's; one with padding only where allowed. */
function commonLayout(places: Places, count: number, all: readonly Values[], padded: boolean): Layout | undefined {
  let common: Layout | undefined;
  for (const values of all) {
    const layout = places.anyLayoutOf(values);
    if (layout === undefined || layout.count !== count || (!padded && layout.bytes !== 4 * count)) continue;
    // A layout that all have already costs nothing.
    if (all.every((each) => places.has(each, layout))) return layout;
    common ??= layout;
  }
  return common;
}

export function unaryWith(context: Context, places: Places): Operations['unary'] {
  return (spec) => {
    const { name, count } = spec;
    const at = byCount((words) => context.over.unary({ ...spec, count: words }));
    at(undefined, count); // checks the spec
    const [x1, y1, dy1, dx1] = [places.alias(), places.alias(), places.alias(), places.alias()];
    const padded = zeroPreserving.has(name);
    const reads = gradientReads[name];
    return {
      forward(x, y) {
        const layout = commonLayout(places, count, [x], padded);
        x1.at(places.readIn(x, layout));
        at(layout, count).forward(x1, y1.at(places.writeIn(y, layout)));
      },
      backward(x, y, dy, dx) {
        const read = reads.map((which) => (which === 'x' ? x : y));
        const layout = commonLayout(places, count, [dy, ...read], padded);
        const from = places.readIn(dy, layout);
        dy1.at(from);
        x1.at(reads.includes('x') ? places.readIn(x, layout) : from);
        y1.at(reads.includes('y') ? places.readIn(y, layout) : from);
        at(layout, count).backward(x1, y1, dy1, dx1.at(places.writeIn(dx, layout)));
      },
    } satisfies UnaryOperation;
  };
}

export function eltwiseWith(context: Context, places: Places): Operations['eltwise'] {
  return (spec) => {
    const { method, count, inputs } = spec;
    const at = byCount((words) => context.over.eltwise({ ...spec, count: words }));
    at(undefined, count);
    const xAliases = Array.from({ length: inputs }, () => places.alias());
    const [y1, dy1, dx1, mask1] = [places.alias(), places.alias(), places.alias(), places.alias()];
    return {
      forward(xs, y, mask) {
        const layout = commonLayout(places, count, xs, true);
        for (let i = 0; i < inputs; i++) xAliases[i]!.at(places.readIn(xs[i]!, layout));
        if (mask !== undefined) mask1.at(places.writeIn(mask, layout));
        y1.at(places.writeIn(y, layout));
        at(layout, count).forward(xAliases, y1, mask === undefined ? undefined : mask1);
      },
      backward(index, xs, y, dy, dx, mask) {
        const layout = commonLayout(places, count, [dy], method !== 'product');
        const from = places.readIn(dy, layout);
        for (const alias of [...xAliases, y1, mask1]) alias.at(from); // for those that are not read
        if (method === 'product') {
          for (let i = 0; i < inputs; i++) xAliases[i]!.at(places.readIn(xs[i]!, layout));
          y1.at(places.readIn(y, layout));
        }
        if (method === 'max') mask1.at(places.readIn(mask!, layout));
        const operation = at(layout, count);
        operation.backward(index, xAliases, y1, dy1.at(from), dx1.at(places.writeIn(dx, layout)), mask && mask1);
      },
    } satisfies EltwiseOperation;
  };
}

export function axpbyWith(context: Context, places: Places): Operations['axpby'] {
  return ({ count }) => {
    const at = byCount((words) => context.over.axpby({ count: words }));
    at(undefined, count);
    const [x1, y1] = [places.alias(), places.alias()];
    return {
      run(alpha, x, beta, y) {
        const whole = y.count === count;
        const layout = whole ? commonLayout(places, count, beta === 0 ? [x] : [y, x], true) : undefined;
        x1.at(places.readIn(x, layout));
        if (beta !== 0 || !whole) places.readIn(y, layout);
        at(layout, count).run(alpha, x1, beta, y1.at(places.writeIn(y, layout)));
      },
    } satisfies AxpbyOperation;
  };
}
