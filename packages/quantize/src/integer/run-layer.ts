import {
  create,
  EltwiseParameter,
  type LayerParameter,
  type QuantizationParameter_QParams as QParams,
} from '@jacinto/proto';
import { channelAt, channelLayout } from '../channel-weights.ts';
import type { Estimate } from '../estimate.ts';
import type { QuantizableLayer } from '../quantizable-net.ts';
import type { Windows } from './convolve.ts';
import { plainSums, type SumMaker } from './sum-maker.ts';
import { type Accumulated, accumulatedOf, type Codes, channelsOf, fixedPoint, type Term, type Value } from './value.ts';

/** What the blobs of a layer were rounded by, and the output channels of its weights where each had a scale. */
export interface Rounded {
  blobs: readonly (QParams | undefined)[];
  channels?: readonly Estimate[];
}

/** A layer, what its bottoms hold, and what its blobs were rounded by. */
export interface LayerRun {
  layer: QuantizableLayer;
  bottoms: readonly Value[];
  rounded: Rounded;
  /** Who makes the sums; default: plain loops. */
  maker?: SumMaker;
}

type Shape = readonly number[];

/**
 * What the tops of a layer hold, before they are rounded to codes; undefined for layers that have no integer form here.
 * Layers between a convolution and its quantized output (BatchNorm, Scale, Bias, ReLU) only change factors.
 */
export function runLayer(run: LayerRun): Value[] | undefined {
  const { layer, bottoms } = run;
  const shapes = layer.tops.map(({ shape }) => shape);
  const [x] = bottoms;
  if (x === undefined) return undefined;
  const { codesOf } = makerOf(run);
  switch (layer.type) {
    case 'Split':
      return shapes.map(() => x);
    case 'Dropout':
      return [x];
    case 'Flatten':
    case 'Reshape':
      return [{ ...codesOf(x), shape: shapes[0]! }];
    case 'Convolution':
    case 'Deconvolution':
      return convolutions(run, shapes);
    case 'InnerProduct':
      return inner(run, shapes[0]!);
    case 'BatchNorm':
      return scaled(run, shapes[0]!, batchNorm(layer));
    case 'Scale':
    case 'Bias':
      return bottoms.length === 1 ? scaled(run, shapes[0]!, scaleAndBias(layer)) : undefined;
    case 'ReLU':
      return [
        bent(run, new Float64Array(channelsOf(x.shape)).fill(layer.layer.layerParam.reluParam?.negativeSlope ?? 0)),
      ];
    case 'PReLU':
      return [bent(run, perChannel(layer, 0, x.shape))];
    case 'Pooling':
      return pooled(run, shapes[0]!);
    case 'Eltwise':
      return eltwise(run);
    default:
      return undefined;
  }
}

const makerOf = ({ maker = plainSums }: LayerRun): SumMaker => maker;

function perChannel({ layer }: QuantizableLayer, blob: number, shape: Shape): Float64Array {
  const values = layer.blobs[blob]!.data.hostRead();
  const channels = channelsOf(shape);
  return values.length === 1 ? new Float64Array(channels).fill(values[0]!) : Float64Array.from(values);
}

/** Codes of a blob; one that was not rounded is taken as 24-bit integers. */
function weightCodes(run: LayerRun, blob: number): Codes {
  const { data, shape } = run.layer.layer.blobs[blob]!;
  const q = run.rounded.blobs[blob];
  const values = data.hostRead();
  const { channels } = run.rounded;
  if (blob === 0 && channels !== undefined) return makerOf(run).weights(channels, () => channelCodes(run, channels));
  if (q === undefined) return fixedPoint(values, shape);
  const { scaleTarget: scale, offset } = q;
  return makerOf(run).weights(q, () => {
    const codes = Float64Array.from(values, (v) => Math.round(v * scale + offset));
    return { kind: 'codes', shape, codes, scale, offset };
  });
}

/** Codes of weights whose output channels have a scale each. */
function channelCodes({ layer: { type, layer } }: LayerRun, estimates: readonly Estimate[]): Codes {
  const { data, shape } = layer.blobs[0]!;
  const layout = channelLayout(type, layer.layerParam, shape);
  const formats = estimates.map(({ scaleTarget: scale, offset }) => ({ scale, offset }));
  const codes = Float64Array.from(data.hostRead(), (v, i) => {
    const { scale, offset } = formats[channelAt(layout, i)]!;
    return Math.round(v * scale + offset);
  });
  return { kind: 'codes', shape, codes, scale: 1, offset: 0, channels: { formats, layout } };
}

function biasOf(run: LayerRun, outputs: number): Float64Array {
  if (run.layer.layer.blobs.length < 2) return new Float64Array(outputs);
  const { codes, scale, offset } = weightCodes(run, 1);
  return codes.map((code) => (code - offset) / scale);
}

function windowsOf(param: LayerParameter): Windows {
  const p = param.convolutionParam ?? create('ConvolutionParameter');
  const pair = (
    list: ArrayLike<number>,
    h: number | undefined,
    w: number | undefined,
    otherwise: number,
  ): [number, number] => {
    if (h || w) return [h ?? otherwise, w ?? otherwise];
    return [list[0] ?? otherwise, list[1] ?? list[0] ?? otherwise];
  };
  return {
    kernel: pair(p.kernelSize, p.kernelH, p.kernelW, 1),
    stride: pair(p.stride, p.strideH, p.strideW, 1),
    pad: pair(p.pad, p.padH, p.padW, 0),
    dilation: pair(p.dilation, undefined, undefined, 1),
    groups: p.group,
  };
}

function convolutions(run: LayerRun, shapes: readonly Shape[]): Value[] | undefined {
  if (shapes.some(({ length }) => length !== 4)) return undefined;
  const { type, layer } = run.layer;
  const windows = windowsOf(layer.layerParam);
  const weights = weightCodes(run, 0);
  const maker = makerOf(run);
  const apply = type === 'Convolution' ? maker.convolve : maker.deconvolve;
  return run.bottoms.map((x, i) => apply(maker.codesOf(x), weights, shapes[i]!, windows, biasOf(run, shapes[i]![1]!)));
}

function inner(run: LayerRun, shape: Shape): Value[] | undefined {
  if (shape.length !== 2) return undefined;
  const transposed = run.layer.layer.layerParam.innerProductParam?.transpose ?? false;
  const { multiply, codesOf } = makerOf(run);
  return [multiply(codesOf(run.bottoms[0]!), weightCodes(run, 0), shape, transposed, biasOf(run, shape[1]!))];
}

interface Affine {
  factor: Float64Array;
  add: Float64Array;
}

function scaled(run: LayerRun, shape: Shape, affine: Affine | undefined): Value[] | undefined {
  if (affine === undefined || affine.factor.length !== channelsOf(shape)) return undefined;
  const { factor, add } = affine;
  const sums = straight(run);
  const terms = sums.terms.map(
    ({ sums: each, factors }): Term => ({ sums: each, factors: factors.map((f, c) => f * factor[c]!) }),
  );
  return [{ ...sums, terms, add: sums.add.map((b, c) => b * factor[c]! + add[c]!) }];
}

/** Statistics as the layer uses them: averages with eps of at least 1e-5, or BVLC's sums (three blobs, factor not 1). */
function batchNorm({ layer }: QuantizableLayer): Affine {
  const [mean, variance, factors, gamma, beta] = layer.blobs.map(({ data }) => data.hostRead());
  const factor = factors![0]!;
  const sums = gamma === undefined && factor !== 1;
  const unit = sums ? (factor === 0 ? 0 : 1 / factor) : 1;
  const given = (layer.layerParam.batchNormParam ?? create('BatchNormParameter')).eps;
  const eps = sums ? given : Math.max(given, Math.fround(1e-5));
  const scale = Float64Array.from(variance!, (v, c) => (gamma?.[c] ?? 1) / Math.sqrt(v * unit + eps));
  return { factor: scale, add: scale.map((s, c) => (beta?.[c] ?? 0) - mean![c]! * unit * s) };
}

/** By channel only: other axes have no integer form here. */
function scaleAndBias({ type, layer, tops }: QuantizableLayer): Affine | undefined {
  const param = type === 'Scale' ? layer.layerParam.scaleParam : layer.layerParam.biasParam;
  const channels = channelsOf(tops[0]!.shape);
  const values = layer.blobs.map(({ data }) => Float64Array.from(data.hostRead()));
  if ((param?.axis ?? 1) !== 1 || values.some(({ length }) => length !== channels)) return undefined;
  const ones = new Float64Array(channels).fill(1);
  if (type === 'Bias') return { factor: ones, add: values[0]! };
  return { factor: values[0]!, add: values[1] ?? new Float64Array(channels) };
}

/** What is bent already has to be rounded before it can be scaled or bent. */
function straight(run: LayerRun): Accumulated {
  const x = run.bottoms[0]!;
  return accumulatedOf(x.kind === 'accumulated' && x.slopes !== undefined ? makerOf(run).codesOf(x) : x);
}

const bent = (run: LayerRun, slopes: Float64Array): Accumulated => ({ ...straight(run), slopes });

function pooled(run: LayerRun, shape: Shape): Value[] | undefined {
  const { layer, bottoms } = run;
  if (layer.tops.length !== 1) return undefined;
  const { pool, codesOf } = makerOf(run);
  const found = pool(codesOf(bottoms[0]!), layer.layer.layerParam, shape);
  return found === undefined ? undefined : [found];
}

function eltwise(run: LayerRun): Value[] | undefined {
  const { layer, bottoms } = run;
  const { codesOf, product } = makerOf(run);
  const p = layer.layer.layerParam.eltwiseParam ?? create('EltwiseParameter');
  const { PROD, SUM } = EltwiseParameter.EltwiseOp;
  const inputs = bottoms.map(codesOf);
  if (p.operation === SUM) {
    const all = inputs.map(accumulatedOf);
    const [first] = all as [Accumulated];
    const coefficient = (i: number): number => p.coeff[i] ?? 1;
    return [
      {
        ...first,
        terms: all.flatMap(({ terms }, i) =>
          terms.map(({ sums, factors }) => ({ sums, factors: factors.map((f) => f * coefficient(i)) })),
        ),
        add: first.add.map((_, c) => all.reduce((sum, { add }, i) => sum + add[c]! * coefficient(i), 0)),
      },
    ];
  }
  if (p.operation !== PROD || inputs.length !== 2) return undefined;
  const [a, b] = inputs as [Codes, Codes];
  const channels = channelsOf(a.shape);
  const unit = 1 / (a.scale * b.scale);
  const filled = (value: number): Float64Array => new Float64Array(channels).fill(value);
  const terms: Term[] = [{ sums: product(a, b), factors: filled(unit) }];
  if (b.offset !== 0) terms.push({ sums: a.codes, factors: filled(-b.offset * unit) });
  if (a.offset !== 0) terms.push({ sums: b.codes, factors: filled(-a.offset * unit) });
  return [{ kind: 'accumulated', shape: a.shape, terms, add: filled(a.offset * b.offset * unit) }];
}
