import { describe, expect, it } from 'vitest';
import { describeFlags, type Flags, parseFlags } from './gflags.ts';

const flags = {
  solver: { kind: 'string', default: '', description: 'the solver' },
  iterations: { kind: 'integer', default: 50, description: 'how many' },
  share: { kind: 'number', default: 0.5, description: 'how much' },
  quiet: { kind: 'boolean', default: false, description: 'less' },
  show_all: { kind: 'boolean', default: true, description: 'more' },
  plugin: { kind: 'list', default: [], description: 'modules' },
} as const satisfies Flags;
const parse = (...args: string[]) => parseFlags(flags, args);

describe('gflags', () => {
  it('gives the defaults', () => {
    expect(parse('train')).toEqual({
      values: { solver: '', iterations: 50, share: 0.5, quiet: false, show_all: true, plugin: [] },
      given: new Set(),
      positional: ['train'],
    });
  });

  it.each([
    [['train', '--solver=a=b.prototxt']],
    [['--solver', 'a=b.prototxt', 'train']],
    [['-solver', 'a=b.prototxt', 'train']],
    [['-solver=a=b.prototxt', 'train']],
  ])('%j', (args) => {
    const { values, given, positional } = parse(...args);
    expect([values.solver, [...given], positional]).toEqual(['a=b.prototxt', ['solver'], ['train']]);
  });

  it('booleans: alone, negated, with a value; dashes are underscores', () => {
    const { values } = parse('--quiet', '--noshow_all');
    expect([values.quiet, values.show_all]).toEqual([true, false]);
    expect(parse('--quiet=false', '-show-all=0').values).toMatchObject({ quiet: false, show_all: false });
    expect(parse('--no-show-all').values.show_all).toBe(false);
    expect(parse('--quiet', 'train').positional).toEqual(['train']);
  });

  it('negative numbers, lists, the end of flags', () => {
    const { values, positional } = parse('--iterations', '-3', '--plugin=a', '--plugin', 'b', '--', '--x');
    expect([values.iterations, values.plugin, positional]).toEqual([-3, ['a', 'b'], ['--x']]);
    expect(parse('--share', '-1e-6').values.share).toBe(-1e-6);
  });

  it.each([
    [['--solvr=x'], 'flag "solvr" is not known; did you mean --solver?'],
    [['--nosolver'], 'flag "nosolver" is not known; did you mean --solver?'],
    [['--zzzzzzzzzzzzzzz'], 'flag "zzzzzzzzzzzzzzz" is not known; use one of solver, iterations'],
    [['--solver'], '--solver needs a value; write --solver=VALUE'],
    [['--iterations=ten'], '--iterations is "ten"; use a whole number'],
    [['--share=half'], '--share is "half"; use a number'],
    [['--quiet=maybe'], '--quiet is "maybe"; use true or false'],
  ])('refuses %j', (args, message) => {
    expect(() => parse(...args)).toThrow(message);
  });

  it('lists the flags as gflags does', () => {
    expect(describeFlags({ solver: flags.solver, plugin: flags.plugin })).toBe(
      '    -solver (the solver)\n      type: string default: ""\n' +
        '    -plugin (modules)\n      type: string, may be given several times\n',
    );
  });
});
