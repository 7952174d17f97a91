import { create, type LayerParameter, parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { filterNet, whyNot } from './filter.ts';

const net = (text: string) => parseText('NetParameter', text, { file: 'net.prototxt' });
const names = (layers: readonly LayerParameter[]) => layers.map((layer) => layer.name).join(' ');

/** Names of the layers of a net that stay in a state. */
function kept(layers: string, state = ''): string {
  return names(filterNet(net(`${layers} ${state === '' ? '' : `state { ${state} }`}`)).layer);
}

const layer = (name: string, rules = ''): string => `layer { name: "${name}" type: "X" ${rules} } `;

describe('filterNet', () => {
  it('keeps layers without rules', () => {
    expect(kept(layer('a') + layer('b'))).toBe('a b');
  });

  it('goes by phase; the default is TEST', () => {
    const layers = layer('train', 'include { phase: TRAIN }') + layer('test', 'include { phase: TEST }');
    expect(kept(layers)).toBe('test');
    expect(kept(layers, 'phase: TEST')).toBe('test');
    expect(kept(layers, 'phase: TRAIN')).toBe('train');
  });

  it('leaves out what an exclude rule matches', () => {
    const layers = layer('a') + layer('b', 'exclude { phase: TRAIN }') + layer('c', 'exclude { phase: TEST }');
    expect(kept(layers, 'phase: TRAIN')).toBe('a c');
    expect(kept(layers, 'phase: TEST')).toBe('a b');
  });

  it('keeps layers of which one include rule of several matches', () => {
    const rules = 'include { min_level: 4 } include { stage: "mine" }';
    expect(kept(layer('a', rules), 'level: 4')).toBe('a');
    expect(kept(layer('a', rules), 'level: 3 stage: "mine"')).toBe('a');
    expect(kept(layer('a', rules), 'level: 3')).toBe('');
  });

  it('leaves out layers of which one exclude rule of several matches', () => {
    const rules = 'exclude { min_level: 4 } exclude { stage: "mine" }';
    expect(kept(layer('a', rules), 'level: 3')).toBe('a');
    expect(kept(layer('a', rules), 'level: 4')).toBe('');
    expect(kept(layer('a', rules), 'stage: "mine"')).toBe('');
  });

  it.each([
    ['min_level: 2', 'level: 1', ''],
    ['min_level: 2', 'level: 2', 'a'],
    ['max_level: 2', 'level: 2', 'a'],
    ['max_level: 2', 'level: 3', ''],
    ['min_level: 0 max_level: 0', '', 'a'],
    ['max_level: -1', '', ''],
    ['stage: "a" stage: "b"', 'stage: "a"', ''],
    ['stage: "a" stage: "b"', 'stage: "b" stage: "c" stage: "a"', 'a'],
    ['not_stage: "a"', 'stage: "a"', ''],
    ['not_stage: "a"', 'stage: "b"', 'a'],
    ['stage: "a" not_stage: "b"', 'stage: "a" stage: "b"', ''],
    ['phase: TRAIN stage: "a"', 'phase: TRAIN', ''],
    ['phase: TRAIN stage: "a"', 'phase: TRAIN stage: "a"', 'a'],
  ])('include { %s } in state { %s }', (rule, state, expected) => {
    expect(kept(layer('a', `include { ${rule} }`), state)).toBe(expected);
  });

  it('takes a state of its own', () => {
    const param = net(`${layer('a', 'include { phase: TRAIN }')} state { phase: TEST }`);
    expect(filterNet(param, create('NetState', { phase: 0 })).layer).toHaveLength(1);
    expect(param.layer).toHaveLength(1);
    expect(filterNet(param).layer).toHaveLength(0);
  });

  it('refuses include and exclude together', () => {
    const both = `\n${layer('a', 'include { phase: TRAIN } exclude { phase: TEST }')}`;
    expect(() => filterNet(net(both))).toThrow(
      'net.prototxt:2: layer "a" (X): include and exclude are both given; keep one of them: ' +
        'several include rules are joined by "or", so are several exclude rules',
    );
  });
});

describe('whyNot', () => {
  const reason = (state: string, rule: string) => whyNot(parseText('NetState', state), parseText('NetStateRule', rule));

  it('says which part of a rule fails', () => {
    expect(reason('phase: TRAIN', 'phase: TEST')).toBe('The NetState phase (0) differed from the phase (1)');
    expect(reason('level: 1', 'min_level: 2')).toBe('The NetState level (1) is below the min_level (2)');
    expect(reason('level: 3', 'max_level: 2')).toBe('The NetState level (3) is above the max_level (2)');
    expect(reason('', 'stage: "deploy"')).toBe("The NetState did not contain stage 'deploy'");
    expect(reason('stage: "a"', 'not_stage: "a"')).toBe("The NetState contained a not_stage 'a'");
    expect(reason('phase: TRAIN', 'phase: TRAIN')).toBeUndefined();
  });
});
