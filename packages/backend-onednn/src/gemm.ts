import type { GemmOperation, GemmSpec, Operations, Values } from '@jacinto/core-tensor';
import { CaffeError } from '@jacinto/proto/errors';
import { argument, type Desc, transposedDesc } from './c-api-2.ts';
import type { Context } from './context.ts';
import { once } from './once.ts';
import { Placed, PlacedCall } from './placed.ts';
import type { Places } from './places.ts';

const letter = (transposed: boolean): number => (transposed ? 'T' : 'N').charCodeAt(0);

/** Matrix products on plain values: oneDNN's function or, where that is the faster one, its primitive. */
export function gemmWith(context: Context, places: Places, below: Operations): Operations['gemm'] {
  return (spec) => {
    // It checks the spec, too.
    const handed = below.gemm(spec);
    if (spec.m === 0 || spec.n === 0 || spec.k === 0) return handed;
    const byFunction = productByFunction(context, places, spec);
    const primitive = once(() => (primitivePays(spec) ? productByPrimitive(context, places, spec) : undefined));
    return {
      run(a, b, c, options) {
        const { alpha = 1, bias } = options ?? {};
        // On some processors the function then leaves c as it is, whatever beta.
        if (alpha === 0) return handed.run(a, b, c, options);
        // What is 0 needs no reading, whatever the factor.
        const beta = places.isClear(c) ? 0 : (options?.beta ?? 0);
        const product = alpha === 1 && beta === 0 ? primitive() : undefined;
        if (product === undefined) byFunction({ a, b, c, alpha, beta, bias });
        else product.run(spec.bias === undefined ? [a, b] : [a, b, bias], c);
      },
    } satisfies GemmOperation;
  };
}

interface ProductArguments {
  a: Values;
  b: Values;
  c: Values;
  alpha: number;
  beta: number;
  bias: Values | undefined;
}

/**
 * Measured: the function is as fast or faster for few rows, and where B lies as it is multiplied; else, as in a layer
 * InnerProduct, it takes up to seven times as long as the primitive.
 */
function primitivePays({ m, n, transA = false, transB = false, bias }: GemmSpec): boolean {
  return transB && n >= 4 && m >= (transA ? 2 : 16) && bias !== 'column';
}

function productByPrimitive(context: Context, places: Places, spec: GemmSpec): PlacedCall | undefined {
  const { api, layouts } = context;
  const { m, n, k, transA = false, transB = false, relu } = spec;
  const [a, b, c] = [layouts.plain([m, k]), layouts.plain([k, n]), layouts.plain([m, n])];
  const seen = (rows: number, columns: number, transposed: boolean): Desc =>
    transposed ? transposedDesc(api.plainDesc([columns, rows])) : api.plainDesc([rows, columns]);
  const bias = spec.bias === undefined ? undefined : layouts.plain([1, n]);
  const descs = { a: seen(m, k, transA), b: seen(k, n, transB) };
  const facts = [m, n, k, transA, transB, bias !== undefined, relu?.slope].join(' ');
  const primitive = context.primitive(`product ${facts}`, () =>
    context.describe(
      api.matmul(descs.a, descs.b, c.desc, bias?.desc),
      undefined,
      api.fusedAttributes({ slope: relu?.slope }),
    ),
  );
  if (primitive === undefined) return undefined;
  const call = context.call(primitive, [
    [argument.src, { desc: descs.a }],
    [argument.weights, { desc: descs.b }],
    ...(bias === undefined ? [] : [[argument.bias, bias] as const]),
    [argument.dst, c],
  ]);
  const inputs = [a, b, ...(bias === undefined ? [] : [bias])].map((each, i) => new Placed(places, call, i, each));
  return new PlacedCall(call, inputs, new Placed(places, call, inputs.length, c));
}

/** The bias is added, and the ReLU put on the result, by the backend below. */
function productByFunction(context: Context, places: Places, spec: GemmSpec): (product: ProductArguments) => void {
  const { m, n, k, transA = false, transB = false, relu } = spec;
  const biasShape = spec.bias === 'row' ? { outer: m, channels: n, inner: 1 } : { outer: 1, channels: m, inner: n };
  const addBias =
    spec.bias === undefined ? undefined : context.over.scaleBias({ ...biasShape, scale: false, bias: true });
  const rectify = relu && context.over.unary({ name: 'relu', count: m * n, parameters: { slope: relu.slope } });
  const [a0, b0] = [letter(transA), letter(transB)];
  const [lda, ldb] = [transA ? m : k, transB ? k : n];
  return ({ a, b, c, alpha, beta, bias }) => {
    const from = context.address(places.readPlain(a));
    const by = context.address(places.readPlain(b));
    if (beta !== 0) places.readPlain(c);
    c.markCurrent('host');
    const to = context.address(c.address);
    context.useThreads();
    const code = context.api.sgemm(a0, b0, m, n, k, alpha, from, lda, by, ldb, beta, to, n);
    if (code !== 0) throw new CaffeError({ code: 'internal', problem: `oneDNN: dnnl_sgemm gave status ${code}` });
    context.counters.primitives++;
    if (addBias !== undefined) {
      places.readPlain(bias!);
      addBias.forward({ x: c, y: c, bias: bias! });
    }
    rectify?.forward(c, c);
  };
}
