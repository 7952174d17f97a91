import { create, has, type LayerParameter, type NetParameter, type NetState, type NetStateRule } from '@jacinto/proto';

/** The layers that take part in the net's TEST phase, with the level and stages that the net's `state` gives. */
export function testLayers(net: NetParameter): LayerParameter[] {
  const state = net.state ?? create('NetState');
  return net.layer.filter((layer) => isIncluded(layer, state));
}

const TEST = 1;

function isIncluded(layer: LayerParameter, state: NetState): boolean {
  const matches = (rule: NetStateRule): boolean =>
    (!has(rule, 'phase') || rule.phase === TEST) &&
    (!has(rule, 'minLevel') || state.level >= rule.minLevel!) &&
    (!has(rule, 'maxLevel') || state.level <= rule.maxLevel!) &&
    rule.stage.every((stage) => state.stage.includes(stage)) &&
    !rule.notStage.some((stage) => state.stage.includes(stage));
  return layer.include.length > 0 ? layer.include.some(matches) : !layer.exclude.some(matches);
}
