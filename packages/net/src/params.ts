import type { Tensor } from '@jacinto/core-tensor';
import { create, has, ParamSpec } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import type { NetEvent } from './events.ts';
import type { Layer } from './layer.ts';
import { plural, times } from './plural.ts';

/** A learned blob of a layer, and how the solver treats it. */
export interface NetParam {
  readonly tensor: Tensor;
  readonly layerName: string;
  /** Index among the layer's blobs. */
  readonly index: number;
  /** Its name for sharing, or '' where it has none. */
  readonly name: string;
  /** Its name, or its index where it has none (Caffe: param_display_names). */
  readonly displayName: string;
  /** Learning rate and weight decay are multiplied by these. Those of the owner hold for all that share. */
  lrMult: number;
  decayMult: number;
  /** Whose values and gradient it uses; undefined: its own. */
  readonly owner: NetParam | undefined;
}

/** All params of a net in creation order, joined by their names (Caffe: Net::AppendParam, ShareWeights). */
export class ParamTable {
  readonly all: NetParam[] = [];
  private readonly byName = new Map<string, NetParam>();
  /** Which multipliers of an owner were given explicitly, by it or by one that shares it. */
  private readonly explicit = new Map<NetParam, { lrMult: boolean; decayMult: boolean }>();

  /** Params that own their values, in creation order: the order of the solver's history. */
  get learnable(): NetParam[] {
    return this.all.filter(({ owner }) => owner === undefined);
  }

  /**
   * Enters the blobs of a layer that was set up, and tells the layer which need a gradient.
   * @throws CaffeError for more `param` than blobs, or sharing that does not fit.
   */
  add(layer: Layer, emit: (event: NetEvent) => void): void {
    const specs = layer.layerParam.param;
    const count = layer.blobs.length;
    if (specs.length > count) {
      throw new CaffeError({
        code: 'bad-value',
        field: 'param',
        problem: `is given ${times(specs.length)}, but the layer has ${plural(count, 'blob')}`,
        fix: count === 0 ? 'remove it' : `give it ${times(count)} at most`,
      });
    }
    writeForced(layer);
    layer.blobs.forEach((tensor, index) => {
      const spec = specs[index] ?? create('ParamSpec');
      const param: NetParam = {
        tensor,
        layerName: layer.name,
        index,
        name: spec.name ?? '',
        displayName: spec.name || String(index),
        lrMult: spec.lrMult,
        decayMult: spec.decayMult,
        owner: spec.name ? this.byName.get(spec.name) : undefined,
      };
      layer.paramPropagateDown[index] = param.lrMult !== 0;
      this.all.push(param);
      if (param.owner !== undefined) this.share(param, param.owner, spec, emit);
      else {
        if (param.name !== '') this.byName.set(param.name, param);
        this.explicit.set(param, { lrMult: has(spec, 'lrMult'), decayMult: has(spec, 'decayMult') });
      }
    });
  }

  private share(param: NetParam, owner: NetParam, spec: ParamSpec, emit: (event: NetEvent) => void): void {
    const { name, layerName, tensor } = param;
    checkSameShape(param, owner, spec);
    this.agree('lrMult', param, owner, spec);
    this.agree('decayMult', param, owner, spec);
    tensor.shareData(owner.tensor);
    tensor.shareDiff(owner.tensor);
    emit({
      type: 'param-shared',
      param: name,
      layer: layerName,
      ownerLayer: owner.layerName,
      ownerIndex: owner.index,
    });
  }

  /** A multiplier given on several sides must be the same; one given by a later side only holds for the owner too. */
  private agree(key: 'lrMult' | 'decayMult', param: NetParam, owner: NetParam, spec: ParamSpec): void {
    const given = this.explicit.get(owner)!;
    if (!has(spec, key)) param[key] = owner[key];
    else if (!given[key]) {
      given[key] = true;
      owner[key] = spec[key];
      for (const other of this.all) if (other.owner === owner) other[key] = spec[key];
    } else if (owner[key] !== spec[key]) {
      const field = key === 'lrMult' ? 'lr_mult' : 'decay_mult';
      throw new CaffeError({
        code: 'bad-value',
        field: `param.${field}`,
        problem: `of the shared param "${param.name}" is ${spec[key]}, but layer "${owner.layerName}" gives ${owner[key]}`,
        fix: 'give the same value, or give it once',
      });
    }
  }
}

/** Multipliers that the layer forces go into its message: they hold whatever the prototxt says, and are saved so. */
function writeForced(layer: Layer): void {
  const specs = layer.layerParam.param;
  layer.blobs.forEach((_, index) => {
    const forced = layer.forcedLrMult(index);
    if (forced === undefined) return;
    while (specs.length <= index) specs.push(create('ParamSpec'));
    specs[index]!.lrMult = forced;
    specs[index]!.decayMult = forced;
  });
}

function checkSameShape({ name, tensor }: NetParam, owner: NetParam, spec: ParamSpec): void {
  const permissive = spec.shareMode === ParamSpec.DimCheckMode.PERMISSIVE;
  const fits = permissive ? tensor.count === owner.tensor.count : tensor.hasShape(owner.tensor.shape);
  if (fits) return;
  const mine = tensor.shapeString();
  const theirs = owner.tensor.shapeString();
  throw new CaffeError({
    code: 'bad-shape',
    problem: `cannot share param "${name}": its shape is ${mine}, that of its owner, layer "${owner.layerName}", ${theirs}`,
    fix:
      !permissive && tensor.count === owner.tensor.count
        ? 'use share_mode: PERMISSIVE, or give both the same shape'
        : 'give both the same number of values',
  });
}
