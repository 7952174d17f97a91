import {
  create,
  has,
  type LayerParameter,
  type NetParameter,
  type NetState,
  type NetStateRule,
  Phase,
} from '@jacinto/proto';
import { graphError } from './layer-place.ts';

const phaseName = (phase: number): string => (phase === Phase.TRAIN ? 'TRAIN' : 'TEST');

/** Why a rule does not match a state ("phase is TEST, not TRAIN"), or undefined where it matches (Caffe: StateMeetsRule). */
export function whyNot(state: NetState, rule: NetStateRule): string | undefined {
  if (has(rule, 'phase') && rule.phase !== state.phase) {
    return `phase is ${phaseName(state.phase)}, not ${phaseName(rule.phase!)}`;
  }
  if (has(rule, 'minLevel') && state.level < rule.minLevel!) return `level is ${state.level}, under ${rule.minLevel}`;
  if (has(rule, 'maxLevel') && state.level > rule.maxLevel!) return `level is ${state.level}, over ${rule.maxLevel}`;
  for (const stage of rule.stage) if (!state.stage.includes(stage)) return `stage "${stage}" is not set`;
  for (const stage of rule.notStage) if (state.stage.includes(stage)) return `stage "${stage}" is set`;
  return undefined;
}

/** Whether the layer takes part in a net of this state. @throws CaffeError where it has both include and exclude rules. */
export function isIncluded(layer: LayerParameter, state: NetState): boolean {
  if (has(layer, 'include') && has(layer, 'exclude')) {
    throw graphError(layer, {
      code: 'bad-value',
      field: 'include',
      problem: 'and exclude are both given',
      fix: 'keep one of them: several include rules are joined by "or", so are several exclude rules',
    });
  }
  const matches = (rule: NetStateRule): boolean => whyNot(state, rule) === undefined;
  return has(layer, 'include') ? layer.include.some(matches) : !layer.exclude.some(matches);
}

/**
 * The net with those layers only that take part in `state` (Caffe: FilterNet). The default is the net's own state:
 * phase TEST, level 0, no stages, where it gives none. Messages of layers are not copied.
 * @throws CaffeError naming a layer with both include and exclude rules.
 */
export function filterNet(param: NetParameter, state: NetState = param.state ?? create('NetState')): NetParameter {
  const filtered = Object.assign(create('NetParameter'), param);
  filtered.layer = param.layer.filter((layer) => isIncluded(layer, state));
  return filtered;
}
