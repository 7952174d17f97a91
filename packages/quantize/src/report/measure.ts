import { create, type NetParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { meanScale } from '../channel-weights.ts';
import { quantizedBlobs } from '../display.ts';
import { IntegerCounter, type IntegerTotals } from '../integer/totals.ts';
import { Quantizer, type QuantizerOptions } from '../quantizer.ts';
import { OutputScores, type Score } from './outputs.ts';
import type { RunnableNet, Runner } from './runner.ts';
import { addSignalNoise, decibels, noSignal, type SignalNoise } from './signal-noise.ts';

/** One quantized blob of a net that ran. */
export interface LayerReport {
  layer: string;
  type: string;
  kind: 'weights' | 'bias' | 'input' | 'output';
  /** Output channels with scales of their own, whose mean `scale` is; undefined: one scale. */
  channels?: number;
  bitwidth: number;
  unsigned: boolean;
  min: number;
  max: number;
  scale: number;
  offset: number;
  /** Signal-to-noise ratio against the float net, in dB; NaN where it was not measured. */
  snr: number;
}

export interface Measured {
  layers: LayerReport[];
  scores: Score[];
  /** Signal-to-noise ratio of the last quantized output, in dB; NaN where activations are not quantized. */
  outputSnr: number;
  /** Bytes of all learned blobs at their bitwidths, and as float32. */
  bytes: number;
  floatBytes: number;
  /** The net by whole numbers only, against the simulation; undefined where it was not asked for. */
  integers: IntegerTotals | undefined;
  /** The quantized net as `--output_model` saves it. */
  saved: NetParameter;
}

export interface MeasureOptions extends QuantizerOptions {
  /** Passes that are compared; default 10. */
  batches?: number;
  /** Whether the blob "label" holds true classes; default false. */
  labelled?: boolean;
  /** Whether each compared pass is computed by whole numbers too; default false. */
  integers?: boolean;
  /** Called after each pass. */
  onPass?: (done: number, total: number) => void;
}

/**
 * Runs a net twice on the same data, in float and quantized, and compares them. Passes before quantization_start only
 * collect ranges; the first quantized pass still has float weights; `batches` passes after it are compared.
 * @throws CaffeError 'bad-value' where `batches` is not 1 or more, or where settings turn quantization off.
 */
export async function measure(
  runner: Runner,
  param: NetParameter,
  weights: NetParameter,
  { batches = 10, labelled = false, integers = false, onPass, settings = {}, ...options }: MeasureOptions = {},
): Promise<Measured> {
  if (!Number.isInteger(batches) || batches < 1) {
    throw new CaffeError({ code: 'bad-value', field: 'batches', problem: `is ${batches}`, fix: 'use 1 or more' });
  }
  const start = settings.quantizationStart ?? (param.netQuantizationParam?.quantizationStart || 1);
  const quantizer = new Quantizer({ ...options, settings: { ...settings, quantizationStart: start } });
  const nets: RunnableNet[] = [];
  let counter: IntegerCounter | undefined;
  try {
    const exact = await runner.createNet(withoutQuantization(param), weights);
    nets.push(exact);
    const quantized = await runner.createNet(withoutQuantization(param), weights);
    nets.push(quantized);
    quantized.use(quantizer);
    const tops = exact.layers.map(() => noSignal());
    const scores = new OutputScores(labelled);
    counter = integers ? new IntegerCounter(options.rounding) : undefined;
    const total = start + 1 + batches;
    for (let pass = 0; pass < total; pass++) {
      await exact.forward();
      await quantized.forward();
      if (pass > start) {
        await addTops(tops, exact, quantized);
        await scores.add(exact, quantized);
        counter?.add(quantized, quantizer, labelled ? exact.blobs.get('label')?.data.hostRead() : undefined, exact);
      }
      onPass?.(pass + 1, total);
    }
    const layers = await layerReports(exact, quantized, quantizer, tops);
    return {
      layers,
      scores: scores.results(),
      outputSnr: layers.findLast(({ kind }) => kind === 'output')?.snr ?? Number.NaN,
      ...bytesOf(quantized, quantizer),
      integers: counter?.totals(),
      saved: quantized.toProto(),
    };
  } finally {
    counter?.dispose();
    for (const net of nets) await net.dispose();
  }
}

/** The net's own quantization would run in both nets; settings already hold what it asks for. */
function withoutQuantization(param: NetParameter): NetParameter {
  const copy: Partial<NetParameter> = Object.assign(create('NetParameter'), param);
  delete copy.quantize;
  return copy as NetParameter;
}

async function addTops(sums: SignalNoise[], exact: RunnableNet, quantized: RunnableNet): Promise<void> {
  for (const [i, layer] of exact.layers.entries()) {
    const other = quantized.layers[i]!;
    for (const [t, top] of layer.tops.entries()) {
      addSignalNoise(sums[i]!, await top.data.read(), await other.tops[t]!.data.read());
    }
  }
}

async function layerReports(
  exact: RunnableNet,
  quantized: RunnableNet,
  quantizer: Quantizer,
  tops: readonly SignalNoise[],
): Promise<LayerReport[]> {
  const states = quantizer.layerParams.map((param) => ({ param }));
  const found: LayerReport[] = [];
  for (const { index, layer, kind, qparams } of quantizedBlobs(quantized.layers, states)) {
    const q = qparams[0]!;
    const sum = kind === 'output' ? tops[index]! : noSignal();
    if (kind === 'weights' || kind === 'bias') {
      const b = kind === 'weights' ? 0 : 1;
      const before = exact.layers[index]!.layer.blobs[b]!;
      const after = quantized.layers[index]!.layer.blobs[b]!;
      addSignalNoise(sum, await before.data.read(), await after.data.read());
    }
    const channels = kind === 'weights' ? quantizer.channelsRoundedBy[index] : undefined;
    const scaling = channels === undefined ? { scale: q.scaleTarget, offset: q.offset } : meanScale(channels);
    found.push({
      ...{
        channels: channels?.length,
        layer,
        type: quantized.layers[index]!.type,
        kind,
        bitwidth: q.bitwidth,
        unsigned: q.unsignedQuant,
      },
      ...{ min: q.min, max: q.max, ...scaling },
      snr: decibels(sum),
    });
  }
  return found;
}

function bytesOf(net: RunnableNet, quantizer: Quantizer): { bytes: number; floatBytes: number } {
  let bits = 0;
  let count = 0;
  const seen = new Set<unknown>();
  for (const { index, layer } of net.layers) {
    for (const [b, blob] of layer.blobs.entries()) {
      if (seen.has(blob.data)) continue;
      seen.add(blob.data);
      const q = quantizer.layerParams[index]?.qparamW[b];
      bits += blob.count * (q?.quantize === true ? q.bitwidth : 32);
      count += blob.count;
    }
  }
  return { bytes: Math.ceil(bits / 8), floatBytes: count * 4 };
}
