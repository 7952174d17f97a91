import type { Tensor } from '@jacinto/core-tensor';
import {
  clone,
  has,
  type NetParameter,
  type NetQuantizationParameter,
  Phase,
  QuantizationParameter_Precision as Precision,
  type QuantizationParameter_QParams as QParams,
  type QuantizationParameter,
  QuantizationParameter_Rounding as RoundingScheme,
} from '@jacinto/proto';
import { channelLayout, trimByChannel } from './channel-weights.ts';
import { checkPercentile, defaultPercentile, type RangeMethod } from './clipped-range.ts';
import { quantizedBlobs } from './display.ts';
import { enableLayers } from './enable.ts';
import { type Estimate, isUsable } from './estimate.ts';
import type { QuantizeEvent } from './events.ts';
import { type LayerState, layerState } from './layer-state.ts';
import { hasWeights, quantizesItself } from './layer-types.ts';
import type { QuantizableLayer, QuantizableNet } from './quantizable-net.ts';
import { type QuantizerState, restoreLayers, saveLayer } from './saved-state.ts';
import { setParams } from './set-params.ts';
import { type QuantizationFields, type Settings, settingsOf } from './settings.ts';
import { shareSum } from './share-sum.ts';
import { type Rounding, trim } from './trim.ts';
import { uniforms } from './uniforms.ts';
import { updateRanges } from './update-ranges.ts';

export interface QuantizerOptions {
  /** Fields of net_quantization_param over those of the net; giving any (or {}) turns quantization on. */
  settings?: QuantizationFields;
  /** How ties round; default 'gpu', as all published numbers. */
  rounding?: Rounding;
  /**
   * 'caffe-jacinto-0.17': a sum overwrites its first input's memory, and empty ranges give infinite scales in the saved
   * text. Default: every blob keeps its own values, and scales are finite.
   */
  compat?: 'caffe-jacinto-0.17';
  /**
   * How the ranges of activations are taken from each pass; default 'minmax', as caffe-jacinto. The other two choose
   * what to clip, so that range_expansion_factor counts with them only where `settings` give it.
   */
  rangeMethod?: RangeMethod;
  /** Percent of the values that stay inside on each side, for 'percentile'; default 99.99. */
  percentile?: number;
  /**
   * Whether the weights of each output channel have a scale of their own; default false. The saved text cannot hold
   * them: such weights are rounded already there, and their qparam_w says `quantize: false`.
   */
  weightsByChannel?: boolean;
  onEvent?: (event: QuantizeEvent) => void;
}

/** Streams of random numbers for stochastic rounding: apart from the layers' own, which count from 0. */
const streamBase = 0x51000000;

/**
 * Simulated fixed-point quantization of one net, as a plug-in: `net.use(new Quantizer())`. It follows the net's
 * `quantize` and `net_quantization_param`, and `quantization_param` of layers (caffe-jacinto 0.17). The first
 * quantization_start passes are plain float and only collect ranges. From then on activations are rounded at the end
 * of the layers that make them, and weights once, after the first such pass of their layer. In TRAIN, rounding is
 * stochastic. Backward is untouched: gradients pass straight through.
 */
export class Quantizer {
  private readonly options: QuantizerOptions;
  private readonly emit: (event: QuantizeEvent) => void;
  private readonly warned = new Set<string>();
  private settings: Settings | undefined;
  private states: LayerState[] = [];
  private passes = 0;
  private firstRounded: number | undefined;
  private disabled = false;

  constructor(options: QuantizerOptions = {}) {
    this.options = options;
    this.emit = options.onEvent ?? (() => {});
    if (options.rangeMethod === 'percentile') checkPercentile(options.percentile ?? defaultPercentile);
  }

  /** Forward passes that have run. */
  get forwardCount(): number {
    return this.passes;
  }

  /** quantization_param of each layer as it now is, by the net's order; undefined where a layer has none. */
  get layerParams(): readonly (QuantizationParameter | undefined)[] {
    return this.states.map(({ param }) => param);
  }

  /** The pass at whose end weights were first rounded. */
  get roundedFirst(): number | undefined {
    return this.firstRounded;
  }

  /** By layer and blob, what blobs were rounded by; undefined where they were not. */
  get roundedBy(): readonly (readonly (QParams | undefined)[])[] {
    return this.states.map(({ rounded }) => rounded);
  }

  /** By layer, what each output channel of its weights was rounded by; undefined where they were not by channel. */
  get channelsRoundedBy(): readonly (readonly Estimate[] | undefined)[] {
    return this.states.map(({ channels }) => channels);
  }

  /** Sets precision FLOAT in all layers and stops estimating (caffe-jacinto: DisableQuantization). */
  disable(): void {
    this.disabled = true;
    for (const { param } of this.states) {
      if (param !== undefined) param.precision = Precision.QuantizationParameter_Precision_FLOAT;
    }
  }

  beforeForward(net: QuantizableNet): void {
    const { param: settings, on } = this.attach(net);
    if (!on || this.disabled || this.passes < settings.quantizationStart) return;
    const { layers } = net;
    if (this.passes === settings.quantizationStart) {
      this.emit({ type: 'quantization-started', forwardCount: this.passes });
      if (settings.updateQuantizationParam) {
        enableLayers(layers, this.states, settings, ({ name, type }) =>
          this.emit({ type: 'output-enabled', layer: name, layerType: type }),
        );
      }
    }
    if (!settings.updateQuantizationParam) return;
    setParams(layers, this.states, {
      settings,
      training: net.phase === Phase.TRAIN,
      count: this.passes - settings.quantizationStart,
      unguarded: this.options.compat !== undefined,
    });
  }

  beforeLayerForward(layer: QuantizableLayer): void {
    if (this.options.compat !== undefined) shareSum(layer);
  }

  async afterLayerForward(layer: QuantizableLayer, net: QuantizableNet): Promise<void> {
    const param = this.states[layer.index]?.param;
    if (param === undefined || param.precision === Precision.QuantizationParameter_Precision_FLOAT) return;
    if (!quantizesItself(layer.type, layer.bottoms.length)) return;
    const byChannel = this.options.weightsByChannel === true && hasWeights(layer.type);
    const each = async (tensors: readonly Tensor[], list: readonly QParams[], kind: number): Promise<void> => {
      for (let i = 0; i < Math.min(tensors.length, list.length); i++) {
        if (!list[i]!.quantize) continue;
        if (kind === 1 && i === 0 && byChannel) {
          await this.trimChannels(tensors[i]!, list[i]!, { param, layer, net });
          continue;
        }
        // clip only for b == 0 among params, always for blobs
        await this.trim(tensors[i]!, list[i]!, { param, layer, net, clip: kind !== 1 || i === 0, slot: kind + 3 * i });
      }
    };
    await each(layer.bottoms, param.qparamIn, 0);
    if (param.quantizedInferCount === 0) {
      await each(layer.layer.blobs, param.qparamW, 1);
      if (param.qparamW.some(({ quantize }) => quantize)) this.firstRounded ??= this.passes;
      this.states[layer.index]!.rounded = param.qparamW.map((q) => (q.quantize && isUsable(q) ? clone(q) : undefined));
    }
    await each(layer.tops, param.qparamOut, 2);
  }

  async afterForward(net: QuantizableNet): Promise<void> {
    const { param: settings, on } = this.attach(net);
    if (on && !this.disabled) {
      if (settings.updateQuantizationParam) {
        await updateRanges(net.layers, this.states, {
          update: this.passes === 0 ? 1 : settings.rangeUpdateFactor,
          expansion: this.expansionOf(net, settings),
          calibration: {
            method: this.options.rangeMethod ?? 'minmax',
            percentile: this.options.percentile,
            bitwidth: settings.bitwidthActivations,
          },
          onNotFinite: (layer, count) => this.warnNotFinite(layer, count),
        });
      }
      const { displayQuantization, quantizationStart } = settings;
      const shows = displayQuantization > 0 && this.passes % displayQuantization === 0;
      if (shows && this.passes >= quantizationStart) this.display(net);
    }
    this.passes++;
  }

  /** Writes quantization_param of all layers into the message that is saved, and the net's own fields where given here. */
  onSave(message: NetParameter, net: QuantizableNet): void {
    const { param: own } = this.attach(net);
    for (const [i, { param, channels }] of this.states.entries()) {
      if (param === undefined) continue;
      const saved = clone(param);
      if (channels !== undefined) saved.qparamW[0]!.quantize = false;
      message.layer[i]!.quantizationParam = saved;
    }
    if (this.options.settings === undefined) return;
    message.name = `${(message.name ?? '').replace(quantizedSuffix, '')}${quantizedSuffix}`;
    message.quantize = true;
    message.netQuantizationParam = clone(own);
  }

  /** What a training must keep to go on exactly; plain JSON, undefined before the first pass. */
  saveState(): QuantizerState | undefined {
    if (this.settings === undefined) return undefined;
    const layers = this.states.map(saveLayer);
    return { version: 1, passes: this.passes, disabled: this.disabled, layers };
  }

  /** Goes on from a saved state of the same net. @throws CaffeError 'bad-file' where it is another net's. */
  restoreState(state: QuantizerState, net: QuantizableNet): void {
    this.attach(net);
    restoreLayers(this.states, state);
    this.passes = state.passes;
    this.disabled = state.disabled;
  }

  private attach(net: QuantizableNet): Settings {
    if (this.settings === undefined) {
      this.settings = settingsOf(net.param, this.options.settings);
      this.states = net.layers.map(layerState);
    }
    return this.settings;
  }

  private display(net: QuantizableNet): void {
    this.emit({ type: 'quantizing-net', net: net.name, phase: net.phase });
    for (const blob of quantizedBlobs(net.layers, this.states)) this.emit({ type: 'quantized-blob', ...blob });
  }

  private async trim(tensor: Tensor, q: QParams, { param, layer, net, clip, slot }: TrimPlace): Promise<void> {
    if (!isUsable(q)) {
      this.warn(layer, `a scale of ${q.scaleTarget} cannot be applied: its values stay as they are`);
      return;
    }
    await tensor.data.read();
    trim(tensor.data.hostUpdate(), {
      scale: q.scaleTarget,
      offset: q.offset,
      bitwidth: q.bitwidth,
      unsigned: q.unsignedQuant,
      clip,
      rounding: this.options.rounding,
      random: this.randomOf(param, layer, net, slot),
    });
  }

  private async trimChannels(weights: Tensor, q: QParams, { param, layer, net }: LayerPlace): Promise<void> {
    await weights.data.read();
    const layout = channelLayout(layer.type, layer.layer.layerParam, weights.shape);
    this.states[layer.index]!.channels = trimByChannel(weights.data.hostUpdate(), layout, {
      ...{ bitwidth: q.bitwidth, power2: param.power2ScaleWeights, rounding: this.options.rounding },
      applyOffset: this.attach(net).param.applyOffsetWeights,
      random: this.randomOf(param, layer, net, 1),
    });
  }

  private randomOf(
    param: QuantizationParameter,
    { index }: QuantizableLayer,
    { seed }: QuantizableNet,
    slot: number,
  ): ((i: number) => number) | undefined {
    if (param.roundingScheme !== RoundingScheme.QuantizationParameter_Rounding_STOCHASTIC) return undefined;
    return uniforms(seed, streamBase + 1024 * index + slot, this.passes);
  }

  /** What chooses a range to clip to is not to be widened again, unless that was asked for. */
  private expansionOf(net: QuantizableNet, settings: NetQuantizationParameter): number {
    const given = this.options.settings?.rangeExpansionFactor !== undefined;
    const clips = (this.options.rangeMethod ?? 'minmax') !== 'minmax';
    const own = net.param.netQuantizationParam;
    const inNet = own !== undefined && has(own, 'rangeExpansionFactor');
    return clips && !given && !inNet ? 1 : settings.rangeExpansionFactor;
  }

  private warnNotFinite(layer: QuantizableLayer, count: number): void {
    this.warn(layer, `${count} of its outputs are NaN or infinite: they are left out of the range`);
  }

  /** Once a layer and kind of message: a net may run millions of passes. */
  private warn({ name }: QuantizableLayer, message: string): void {
    const key = `${name}\n${message.replace(/[\d.]+/g, '')}`;
    if (this.warned.has(key)) return;
    this.warned.add(key);
    this.emit({ type: 'warning', layer: name, message });
  }
}

interface LayerPlace {
  param: QuantizationParameter;
  layer: QuantizableLayer;
  net: QuantizableNet;
}

interface TrimPlace extends LayerPlace {
  clip: boolean;
  slot: number;
}

/** As the net itself marks a message whose prototxt says `quantize`. */
const quantizedSuffix = '___QUANTIZED__SEE_END_OFTHE_FILE';
