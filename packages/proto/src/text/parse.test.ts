import { expect, it } from 'vitest';
import { seeded } from '../../test/materials.ts';
import { CaffeError, encode, parseText, printText } from '../index.ts';

const net = (text: string) => parseText('NetParameter', text, { file: 'a.prototxt' });
const solver = (text: string) => parseText('SolverParameter', text, { file: 's.prototxt' });

it.each([
  [
    'layer {\n  name: "p"\n  type: "Pooling"\n  pooling_param { kernel_sise: 3 }\n}',
    'a.prototxt:4:19: layer "p" (Pooling): pooling_param.kernel_sise is no field of PoolingParameter; did you mean "kernel_size"?',
  ],
  [
    'layer { name: "p" pooling_param { pool: MAXX } }',
    'a.prototxt:1:41: layer "p": pooling_param.pool is MAXX, no value of PoolingParameter.PoolMethod; did you mean MAX? (use one of MAX, AVE, STOCHASTIC)',
  ],
  [
    'layer { name: "p" pooling_param { pool: 7 } }',
    'a.prototxt:1:41: layer "p": pooling_param.pool is 7, no value of PoolingParameter.PoolMethod; use one of MAX, AVE, STOCHASTIC',
  ],
  [
    'layer { name: "p" pooling_param { pad: -1 } }',
    'a.prototxt:1:40: layer "p": pooling_param.pad is -1, out of range; use 0 to 4294967295',
  ],
  [
    'layer { name: "p" pooling_param { pad: 1.5 } }',
    'a.prototxt:1:40: layer "p": pooling_param.pad is 1.5, not a whole number; use 0 to 4294967295',
  ],
  [
    'layer { bottom: ["a" "b"',
    'a.prototxt:1:25: layer.bottom has the end of the text in its list; put "," between values, "]" after the last',
  ],
  ['layer { name: "a"\n', 'a.prototxt:2:1: the text ends inside layer { of line 1; close it with "}"'],
  ['layer 3', 'a.prototxt:1:7: layer needs "{" before its fields, not "3"; write layer { … }'],
  ['name: "a\\q"', 'a.prototxt:1:7: name has the unknown escape \\q; write \\\\ for a backslash'],
  ['ä: "a"', 'a.prototxt:1:1: the character "ä" cannot stand outside quotes; remove it or quote it'],
  ['name: "a"\nname: "b"', 'a.prototxt:2:1: name is given twice; it may be given once: remove one of the two'],
])('refuses %j', (text, message) => {
  expect(() => net(text)).toThrow(expect.objectContaining({ message }));
});

it.each([
  ['base_lr: 0x10', 's.prototxt:1:10: base_lr is 0x10, not a decimal number; drop the leading 0'],
  ['base_lr: 1e', 's.prototxt:1:10: 1e lacks the digits of its exponent'],
  ['max_iter: 08', 's.prototxt:1:11: 08 begins with 0, which means octal, but has a digit above 7; drop the leading 0'],
  ['debug_info: yes', 's.prototxt:1:13: debug_info is yes, not a truth value; use true or false'],
  [
    'layer { }',
    's.prototxt:1:1: layer is no field of SolverParameter; this looks like a net: give the prototxt of a solver here',
  ],
])('refuses %j in a solver', (text, message) => {
  expect(() => solver(text)).toThrow(expect.objectContaining({ message }));
});

it('holds floats as Caffe does and integers exactly', () => {
  const read = solver('base_lr: 0.1 random_seed: 9223372036854775807 max_iter: 0x10 stepsize: 010 delta: -inf');
  expect(read.baseLr).toBe(Math.fround(0.1));
  expect(read.randomSeed).toBe(9223372036854775807n);
  expect([read.maxIter, read.stepsize, read.delta]).toEqual([16, 8, Number.NEGATIVE_INFINITY]);
});

it('merges into a given message: values replace, messages merge, lists grow', () => {
  const into = solver('base_lr: 1 test_iter: 1 train_state { level: 1 }');
  parseText('SolverParameter', 'base_lr: 2 test_iter: 3 train_state { stage: "a" }', { into });
  expect(into.baseLr).toBe(2);
  expect(into.testIter).toEqual([1, 3]);
  expect(into.trainState).toMatchObject({ level: 1, stage: ['a'] });
});

it('refuses a message without its required fields', () => {
  const text = 'layer { detectnet_groundtruth_param {\n object_class { src: 1 } } }';
  expect(() => net(text)).toThrow(
    'a.prototxt:2:2: layer.detectnet_groundtruth_param.object_class.dst is missing in DetectNetGroundTruthParameter.ClassMapping; it is required: add it',
  );
});

it('reads a text with a byte order mark, and bytes in strings', () => {
  const read = net('\ufeffname: "\\303\\251\\377"');
  expect([...encode('NetParameter', read)]).toEqual([10, 3, 0xc3, 0xa9, 0xff]);
});

it('gives up on deep nonsense without a stack overflow', () => {
  expect(() => net('layer { '.repeat(100000))).toThrow(/layer is no field of LayerParameter/);
});

it('never gives anything but a message or a CaffeError: 4,000 damaged texts (seed 22)', () => {
  const text = printText(
    'NetParameter',
    net(
      'name: "n" layer { name: "c" type: "Convolution" bottom: "d" loss_weight: 1e-5 convolution_param { kernel_size: [3, 5]} include { phase: TEST } }',
    ),
  );
  const pieces = [
    '{',
    '}',
    '"',
    "'",
    '[',
    ']',
    '<',
    '>',
    ':',
    ',',
    ';',
    '-',
    '#',
    '\\',
    '\n',
    '0x',
    '1e',
    '.',
    '\u00e9',
    '\u0000',
    '\ud800',
    'inf',
    'layer',
    '99999999999999999999',
  ];
  const random = seeded(22);
  let refused = 0;
  for (let i = 0; i < 4000; i++) {
    let damaged = text;
    for (let j = 0; j <= i % 3; j++) {
      const at = random() % damaged.length;
      damaged = damaged.slice(0, at) + pieces[random() % pieces.length] + damaged.slice(at + (random() % 3));
    }
    try {
      printText('NetParameter', net(damaged));
    } catch (error) {
      expect(error, `seed 22, round ${i}: ${damaged}`).toBeInstanceOf(CaffeError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(1000);
});
