import type { Tensor } from '@jacinto/core-tensor';
import {
  clone,
  type NetParameter,
  Phase,
  QuantizationParameter_Precision as Precision,
  type QuantizationParameter_QParams as QParams,
  type QuantizationParameter,
  QuantizationParameter_Rounding as RoundingScheme,
} from '@jacinto/proto';
import { quantizedBlobs } from './display.ts';
import { enableLayers } from './enable.ts';
import { isUsable } from './estimate.ts';
import type { QuantizeEvent } from './events.ts';
import { type LayerState, layerState } from './layer-state.ts';
import { quantizesItself } from './layer-types.ts';
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
    const each = async (tensors: readonly Tensor[], list: readonly QParams[], kind: number): Promise<void> => {
      for (let i = 0; i < Math.min(tensors.length, list.length); i++) {
        if (!list[i]!.quantize) continue;
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
          expansion: settings.rangeExpansionFactor,
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
    const { param } = this.attach(net);
    for (const [i, state] of this.states.entries()) {
      if (state.param !== undefined) message.layer[i]!.quantizationParam = clone(state.param);
    }
    if (this.options.settings === undefined) return;
    message.name = `${(message.name ?? '').replace(quantizedSuffix, '')}${quantizedSuffix}`;
    message.quantize = true;
    message.netQuantizationParam = clone(param);
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
    const stochastic = param.roundingScheme === RoundingScheme.QuantizationParameter_Rounding_STOCHASTIC;
    trim(tensor.data.hostUpdate(), {
      scale: q.scaleTarget,
      offset: q.offset,
      bitwidth: q.bitwidth,
      unsigned: q.unsignedQuant,
      clip,
      rounding: this.options.rounding,
      random: stochastic ? uniforms(net.seed, streamBase + 1024 * layer.index + slot, this.passes) : undefined,
    });
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

interface TrimPlace {
  param: QuantizationParameter;
  layer: QuantizableLayer;
  net: QuantizableNet;
  clip: boolean;
  slot: number;
}

/** As the net itself marks a message whose prototxt says `quantize`. */
const quantizedSuffix = '___QUANTIZED__SEE_END_OFTHE_FILE';
