import { nearest } from '../errors/index.ts';
import type { NetParameter, V0LayerParameter, V1LayerParameter } from '../generated/messages.ts';
import type { UpgradeLog } from './note.ts';

const v0Of = (layer: V1LayerParameter): Partial<V0LayerParameter> => layer.layer ?? {};

/**
 * Removes V0 `padding` layers: the `pad` of each goes into the conv or pool layer it feeds, which takes the padding
 * layer's bottom (Caffe: UpgradeV0PaddingLayers).
 */
export function removeV0Padding(net: NetParameter, log: UpgradeLog): void {
  const makers = new Map<string, V1LayerParameter | undefined>(net.input.map((name) => [name, undefined]));
  const kept: V1LayerParameter[] = [];
  for (const layer of net.layers) {
    if (v0Of(layer).type !== 'padding') kept.push(layer);
    layer.bottom.forEach((bottom, i) => {
      if (!makers.has(bottom)) throw unknownBottom(layer, bottom, [...makers.keys()], log);
      const maker = makers.get(bottom);
      if (maker === undefined || v0Of(maker).type !== 'padding') return;
      checkPadding(layer, maker, log);
      layer.layer!.pad = v0Of(maker).pad ?? 0;
      layer.bottom[i] = maker.bottom[0]!;
    });
    for (const top of layer.top) makers.set(top, layer);
  }
  const removed = net.layers.length - kept.length;
  if (removed === 0) return;
  net.layers = kept;
  log.applied(`${removed} padding layer(s) became the pad of the layer after them`);
}

function unknownBottom(layer: V1LayerParameter, bottom: string, known: string[], log: UpgradeLog) {
  const near = nearest(bottom, known);
  return log.fail(
    layer,
    {
      code: 'unknown-name',
      layer: v0Of(layer).name,
      field: 'bottom',
      problem: `"${bottom}" is made by no layer before it`,
      fix: near === undefined ? undefined : `did you mean "${near}"?`,
    },
    'bottom',
  );
}

function checkPadding(layer: V1LayerParameter, padding: V1LayerParameter, log: UpgradeLog): void {
  const { name, type } = v0Of(layer);
  const wrong = (problem: string) => log.fail(layer, { code: 'bad-value', layer: name, layerType: type, problem });
  if (type !== 'conv' && type !== 'pool') throw wrong('takes a padding layer as input, which only conv and pool can');
  if (layer.bottom.length !== 1)
    throw wrong(`has ${layer.bottom.length} bottoms, one of them a padding layer: it must have one`);
  if (padding.bottom.length !== 1 || padding.top.length !== 1)
    throw wrong('its padding layer must have one bottom and one top');
}
