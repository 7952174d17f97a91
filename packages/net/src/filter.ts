import { create, has, type LayerParameter, type NetParameter, type NetState, type NetStateRule } from '@jacinto/proto';
import type { NetEvent } from './events.ts';
import { graphError } from './layer-place.ts';

/** Why a rule does not match a state, in Caffe's words, or undefined where it matches (Caffe: StateMeetsRule). */
export function whyNot(state: NetState, rule: NetStateRule): string | undefined {
  const { phase, level } = state;
  if (has(rule, 'phase') && rule.phase !== phase) {
    return `The NetState phase (${phase}) differed from the phase (${rule.phase})`;
  }
  if (has(rule, 'minLevel') && level < rule.minLevel!) {
    return `The NetState level (${level}) is below the min_level (${rule.minLevel})`;
  }
  if (has(rule, 'maxLevel') && level > rule.maxLevel!) {
    return `The NetState level (${level}) is above the max_level (${rule.maxLevel})`;
  }
  for (const stage of rule.stage) {
    if (!state.stage.includes(stage)) return `The NetState did not contain stage '${stage}'`;
  }
  for (const stage of rule.notStage) {
    if (state.stage.includes(stage)) return `The NetState contained a not_stage '${stage}'`;
  }
  return undefined;
}

/** Whether the layer takes part in a net of this state. @throws CaffeError where it has both include and exclude rules. */
export function isIncluded(
  layer: LayerParameter,
  state: NetState,
  emit: (event: NetEvent) => void = () => {},
): boolean {
  if (has(layer, 'include') && has(layer, 'exclude')) {
    throw graphError(layer, {
      code: 'bad-value',
      field: 'include',
      problem: 'and exclude are both given',
      fix: 'keep one of them: several include rules are joined by "or", so are several exclude rules',
    });
  }
  const matches = (rule: NetStateRule): boolean => {
    const reason = whyNot(state, rule);
    if (reason !== undefined) emit({ type: 'rule-unmet', layer: layer.name ?? '', reason });
    return reason === undefined;
  };
  return has(layer, 'include') ? layer.include.some(matches) : !layer.exclude.some(matches);
}

/**
 * The net with those layers only that take part in `state` (Caffe: FilterNet). The default is the net's own state:
 * phase TEST, level 0, no stages, where it gives none. Messages of layers are not copied.
 * @throws CaffeError naming a layer with both include and exclude rules.
 */
export function filterNet(
  param: NetParameter,
  state: NetState = param.state ?? create('NetState'),
  emit?: (event: NetEvent) => void,
): NetParameter {
  const filtered = Object.assign(create('NetParameter'), param);
  filtered.layer = param.layer.filter((layer) => isIncluded(layer, state, emit));
  return filtered;
}
