import type {
  CodeRounding,
  Int8CombineSpec,
  Int8ConvolutionSpec,
  Int8Operation,
  Int8Operations,
  Int8PoolingSpec,
  Multipliers,
} from '@jacinto/core-tensor';
import { channelAt } from '../channel-weights.ts';
import type { CodeNode } from './code-node.ts';
import type { TapOperands } from './convolve.ts';
import type { Source } from './plan-maker.ts';
import { type CodeFormat, roundingOf } from './requantize.ts';
import { accumulatedOf, type Codes, channelsOf, type Value, weightFormat } from './value.ts';

/** A layer's rounded output by kernels of the backend: what it reads, and the operation once there is memory. */
export interface FastForm {
  inputs: readonly CodeNode[];
  /** All that the operation depends on, but for how it rounds. */
  key: string;
  roundings: readonly CodeRounding[];
  /** Undefined: the kernels cannot promise the exact result. */
  prepare(): FastOperation | undefined;
}

export interface FastOperation {
  run(): void;
  /** As the kernels' `round`, with one rounding an input where inputs are joined. */
  round(roundings: readonly CodeRounding[]): boolean;
}

export interface Planning {
  int8: Int8Operations;
  sources: ReadonlyMap<Float64Array, Source>;
  /** Nodes by the (empty) array of their codes. */
  nodes: ReadonlyMap<Float64Array, CodeNode>;
}

/** How `value`, rounded to `format`, is made by kernels into `target`; undefined where they have no form for it. */
export function fastForm(planning: Planning, value: Value, format: CodeFormat, target: CodeNode): FastForm | undefined {
  if (target.imageShape === undefined) return undefined;
  const sums = accumulatedOf(value);
  const rounding = roundingOf(sums, format);
  const [first, second, ...more] = sums.terms.map((term) => term.sums);
  if (first === undefined || more.length > 0) return undefined;
  const source = planning.sources.get(first);
  if (source === undefined) return combination(planning, [first, second], rounding, target);
  if (source.kind === 'products') {
    const other = second === undefined ? undefined : planning.sources.get(second);
    const fits = second === undefined || (other?.kind === 'inputs' && other.convolution === source.convolution);
    return fits ? convolution(planning, source.convolution, rounding, target) : undefined;
  }
  if (second !== undefined) return undefined;
  if (source.kind === 'join') return joined(planning, source, format, target);
  if (source.kind === 'product')
    return combination(planning, [source.a.codes, source.b.codes], rounding, target, 'multiply');
  return source.kind === 'pool' ? pooling(planning, source, rounding, target) : undefined;
}

/** Concat along channels, or Eltwise MAX: each input rounded to the result's codes. */
function joined(
  planning: Planning,
  { values, isConcat, axis }: Source & { kind: 'join' },
  format: CodeFormat,
  target: CodeNode,
): FastForm | undefined {
  if (isConcat && axis !== 1 && axis !== 1 - target.form.shape.length) return undefined;
  const nodes = values.map((value) => (value.kind === 'codes' ? nodeOf(planning, value) : undefined));
  if (nodes.some((node) => node === undefined)) return undefined;
  const inputs = nodes as CodeNode[];
  const roundings = values.map((value) => roundingOf(accumulatedOf(value), format));
  return {
    inputs,
    roundings,
    key: keyOf('join', inputs, target, isConcat),
    prepare() {
      let to = 0;
      const operations = inputs.flatMap((node, i) => {
        const spec: Int8CombineSpec = {
          ...{ method: isConcat || i === 0 ? 'add' : 'maximum', ranges: [node.range], to },
          ...{ shape: node.imageShape!, rounding: roundings[i]! },
        };
        if (isConcat) to += node.imageShape![1];
        return planning.int8.combine(spec, [node.allocate(planning.int8)], target.allocate(planning.int8)) ?? [];
      });
      if (operations.length < inputs.length) return undefined;
      return {
        run() {
          for (const operation of operations) operation.run();
        },
        round: (next) => operations.every((operation, i) => operation.round(next[i]!)),
      };
    },
  };
}

/** Names what an operation is bound to. */
function keyOf(what: string, inputs: readonly CodeNode[], target: CodeNode, more: unknown): string {
  const nodes = [...inputs, target].map(({ form, range }) => [form.shape, range]);
  return JSON.stringify([what, nodes, more]);
}

/** One kernel, which takes the one rounding. */
function single(
  form: Omit<FastForm, 'prepare' | 'roundings'>,
  rounding: CodeRounding,
  prepare: () => Int8Operation | undefined,
): FastForm {
  return {
    ...{ ...form, roundings: [rounding] },
    prepare() {
      const operation = prepare();
      return operation && { run: operation.run, round: ([next]) => operation.round(next!) };
    },
  };
}

/** The node of codes that are used in the shape they have in memory. */
function nodeOf({ nodes }: Planning, { codes, shape }: Codes): CodeNode | undefined {
  const node = nodes.get(codes);
  return node?.imageShape !== undefined && node.form.shape.join() === shape.join() ? node : undefined;
}

function combination(
  planning: Planning,
  names: readonly (Float64Array | undefined)[],
  rounding: CodeRounding,
  target: CodeNode,
  method: 'add' | 'multiply' = 'add',
): FastForm | undefined {
  const inputs = names.flatMap((name) => (name === undefined ? [] : [planning.nodes.get(name)]));
  const shape = target.imageShape!;
  if (!inputs.every((node): node is CodeNode => node?.form.shape.join() === target.form.shape.join())) return undefined;
  const spec: Int8CombineSpec = { method, shape, ranges: inputs.map(({ range }) => range), rounding };
  return single({ inputs, key: keyOf(method, inputs, target, null) }, rounding, () =>
    planning.int8.combine(
      spec,
      inputs.map((node) => node.allocate(planning.int8)),
      target.allocate(planning.int8),
    ),
  );
}

function convolution(
  planning: Planning,
  { x, w, windows, transposed }: TapOperands,
  rounding: CodeRounding,
  target: CodeNode,
): FastForm | undefined {
  const node = planning.nodes.get(x.codes);
  if (node?.imageShape === undefined) return undefined;
  // an InnerProduct takes the images whole, however they are shaped by then
  const whole = w.shape.length === 2;
  if (!whole && node.form.shape.join() !== x.shape.join()) return undefined;
  const [n, c, height, width] = node.imageShape;
  if (whole && c * height * width !== w.shape[1]) return undefined;
  // offsets of weights are no whole numbers: their whole part goes into the codes, the rest into the multipliers
  const centres = rounding.channels.map((_, c) => Math.round(weightFormat(w, c).offset));
  const isCentred = centres.every((centre) => centre === 0);
  const moved = isCentred ? rounding : centred(rounding, centres);
  const spec: Int8ConvolutionSpec = {
    ...{ x: [n, c, height, width], y: target.imageShape!, range: node.range, transposed, weights: w.codes },
    ...{ kernel: whole ? [height, width] : windows.kernel, stride: windows.stride, pad: windows.pad },
    ...{ dilation: windows.dilation, group: windows.groups, rounding: moved },
  };
  node.widen(planning.int8.convolutionMargin(spec));
  const key = keyOf('convolution', [node], target, [windows, transposed, w.scale, w.offset, w.channels?.formats]);
  return single({ inputs: [node], key }, moved, () => {
    const weights = isCentred
      ? w.codes
      : w.codes.map((code, i) => code - centres[w.channels ? channelAt(w.channels.layout, i) : 0]!);
    const operands = [node.allocate(planning.int8), target.allocate(planning.int8)] as const;
    return planning.int8.convolution({ ...spec, weights }, ...operands);
  });
}

/** Σ w·x = Σ (w − centre)·x + centre·Σ x: the second sum takes over. */
function centred(rounding: CodeRounding, centres: readonly number[]): CodeRounding {
  const moved = ({ factors: [product = 0, input = 0], add }: Multipliers, c: number): Multipliers => {
    return { factors: [product, input + centres[c]! * product], add };
  };
  const channels = rounding.channels.map((channel, c) => ({
    ...channel,
    above: moved(channel.above, c),
    below: channel.below === undefined ? undefined : moved(channel.below, c),
  }));
  return { ...rounding, channels };
}

function pooling(
  planning: Planning,
  { x, windows }: Source & { kind: 'pool' },
  rounding: CodeRounding,
  target: CodeNode,
): FastForm | undefined {
  const node = nodeOf(planning, x);
  if (node === undefined || channelsOf(node.form.shape) !== rounding.channels.length) return undefined;
  const { rows, columns, isMax, divisor } = windows;
  const spec: Int8PoolingSpec = {
    ...{ x: node.imageShape!, y: target.imageShape!, range: node.range, rounding },
    rows: rows.map(({ from, to }) => [from, to] as const),
    columns: columns.map(({ from, to }) => [from, to] as const),
    weights: isMax ? undefined : rows.flatMap((h) => columns.map((v) => divisor / (h.length * v.length))),
  };
  return single({ inputs: [node], key: keyOf('pool', [node], target, windows) }, rounding, () =>
    planning.int8.pooling(spec, node.allocate(planning.int8), target.allocate(planning.int8)),
  );
}
