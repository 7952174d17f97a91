import { locationOf, parseText, printText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { insertSplits } from './insert-splits.ts';

const net = (text: string) => parseText('NetParameter', text, { file: 'net.prototxt' });

/** Each layer in a line: `name: bottoms → tops`, with its loss weights. */
function summary(text: string): string[] {
  return insertSplits(net(text)).layer.map(({ name, type, bottom, top, lossWeight }) => {
    const weights = lossWeight.length > 0 ? ` loss ${[...lossWeight].join(' ')}` : '';
    return `${name}${type === 'Split' ? ' (Split)' : ''}: ${bottom.join(' ')} → ${top.join(' ')}${weights}`;
  });
}

/** A layer: `layer('ip', 'x', 'y z', 'loss_weight: 1')`. */
function layer(name: string, bottoms: string, tops: string, more = ''): string {
  const list = (field: string, names: string): string =>
    names
      .split(' ')
      .filter(Boolean)
      .map((each) => `${field}: "${each}" `)
      .join('');
  return `layer { name: "${name}" type: "T" ${list('bottom', bottoms)} ${list('top', tops)} ${more} }\n`;
}

const unchanged = (text: string): void => {
  expect(printText('NetParameter', insertSplits(net(text)))).toBe(printText('NetParameter', net(text)));
};

describe('insertSplits', () => {
  it('leaves nets alone where each blob has one reader', () => {
    unchanged(layer('data', '', 'data label') + layer('ip', 'data', 'ip') + layer('loss', 'ip label', 'loss'));
    unchanged(
      layer('data', '', 'data label') +
        layer('data_split', 'data', 'd0 d1') +
        layer('ip1', 'd0', 'ip1') +
        layer('ip2', 'd1', 'ip2') +
        layer('loss', 'ip1 ip2 label', 'loss'),
    );
  });

  it('leaves layers in place alone', () => {
    unchanged(
      layer('data', '', 'data label') +
        layer('ip', 'data', 'ip') +
        layer('relu', 'ip', 'ip') +
        layer('loss', 'ip label', 'loss'),
    );
  });

  it('splits a top with two readers right after its layer', () => {
    const text =
      layer('data', '', 'data label') +
      layer('ip1', 'data', 'ip1') +
      layer('ip2', 'data', 'ip2') +
      layer('loss', 'ip1 ip2', 'loss');
    expect(summary(text)).toEqual([
      'data:  → data label',
      'data_data_0_split (Split): data → data_data_0_split_0 data_data_0_split_1',
      'ip1: data_data_0_split_0 → ip1',
      'ip2: data_data_0_split_1 → ip2',
      'loss: ip1 ip2 → loss',
    ]);
  });

  it('splits two tops of one layer in the order of the tops', () => {
    const text =
      layer('data', '', 'data label') +
      layer('a', 'label data', 'a') +
      layer('b', 'data label', 'b') +
      layer('c', 'data', 'c');
    expect(summary(text)).toEqual([
      'data:  → data label',
      'data_data_0_split (Split): data → data_data_0_split_0 data_data_0_split_1 data_data_0_split_2',
      'label_data_1_split (Split): label → label_data_1_split_0 label_data_1_split_1',
      'a: label_data_1_split_0 data_data_0_split_0 → a',
      'b: data_data_0_split_1 label_data_1_split_1 → b',
      'c: data_data_0_split_2 → c',
    ]);
  });

  it('counts a loss weight as a reader: the split carries it, and readers start after it', () => {
    const text =
      layer('data', '', 'data') +
      layer('ip', 'data', 'ip', 'loss_weight: 2.5') +
      layer('a', 'ip', 'a') +
      layer('b', 'ip', 'b');
    expect(summary(text)).toEqual([
      'data:  → data',
      'ip: data → ip',
      'ip_ip_0_split (Split): ip → ip_ip_0_split_0 ip_ip_0_split_1 ip_ip_0_split_2 loss 2.5 0 0',
      'a: ip_ip_0_split_1 → a',
      'b: ip_ip_0_split_2 → b',
    ]);
  });

  it('needs no split for a loss that nobody reads, nor for a weight of 0', () => {
    unchanged(layer('data', '', 'data') + layer('l', 'data', 'l', 'loss_weight: 1'));
    unchanged(layer('data', '', 'data') + layer('l', 'data', 'l', 'loss_weight: 0') + layer('a', 'l', 'a'));
  });

  it('keeps the weights of other tops of the layer', () => {
    const text =
      layer('data', '', 'data') + layer('l', 'data', 'l m', 'loss_weight: 1 loss_weight: 3') + layer('a', 'l', 'a');
    expect(summary(text)).toEqual([
      'data:  → data',
      'l: data → l m loss 0 3',
      'l_l_0_split (Split): l → l_l_0_split_0 l_l_0_split_1 loss 1 0',
      'a: l_l_0_split_1 → a',
    ]);
  });

  it('goes by the latest layer that makes a name: what reads before and after work in place differs', () => {
    const text =
      layer('data', '', 'data label') +
      layer('ip1', 'data', 'ip1') +
      layer('relu1', 'ip1', 'ip1') +
      layer('ip2', 'ip1', 'ip2') +
      layer('loss', 'ip1 ip2', 'loss');
    expect(summary(text)).toEqual([
      'data:  → data label',
      'ip1: data → ip1',
      'relu1: ip1 → ip1',
      'ip1_relu1_0_split (Split): ip1 → ip1_relu1_0_split_0 ip1_relu1_0_split_1',
      'ip2: ip1_relu1_0_split_0 → ip2',
      'loss: ip1_relu1_0_split_1 ip2 → loss',
    ]);
  });

  it('splits a blob that one layer reads twice', () => {
    expect(summary(layer('data', '', 'data') + layer('add', 'data data', 'add'))).toEqual([
      'data:  → data',
      'data_data_0_split (Split): data → data_data_0_split_0 data_data_0_split_1',
      'add: data_data_0_split_0 data_data_0_split_1 → add',
    ]);
  });

  it('changes nothing the second time', () => {
    const once = insertSplits(
      net(
        layer('data', '', 'data') +
          layer('ip', 'data', 'ip', 'loss_weight: 1') +
          layer('a', 'ip data', 'a') +
          layer('b', 'a', 'a'),
      ),
    );
    expect(printText('NetParameter', insertSplits(once))).toBe(printText('NetParameter', once));
  });

  it('leaves the given net alone and keeps places in the file', () => {
    const given = net(layer('data', '', 'data') + layer('add', 'data data', 'add'));
    const before = printText('NetParameter', given);
    const split = insertSplits(given);
    expect(printText('NetParameter', given)).toBe(before);
    expect(locationOf(split.layer[2]!)).toMatchObject({ file: 'net.prototxt', line: 2 });
    expect(locationOf(split.layer[1]!)).toMatchObject({ file: 'net.prototxt', line: 1 });
  });

  it('gives splits the types of their producer, arithmetic in FLOAT at least', () => {
    const text =
      layer('data', '', 'data', 'forward_type: FLOAT16 backward_type: FLOAT16 backward_math: FLOAT16') +
      layer('add', 'data data', 'add');
    const split = insertSplits(net(text)).layer[1]!;
    expect(printText('LayerParameter', split)).toContain(
      'forward_type: FLOAT16\nbackward_type: FLOAT16\nforward_math: FLOAT\nbackward_math: FLOAT16',
    );
  });

  it.each([
    [
      'a typing error',
      layer('data', '', 'data label') + layer('ip', 'dato', 'ip'),
      'net.prototxt:2: layer "ip" (T): bottom "dato" is made by no layer; did you mean "data"?',
    ],
    [
      'a net without inputs',
      layer('ip', 'data', 'ip'),
      'net.prototxt:1: layer "ip" (T): bottom "data" is made by no layer; begin the net with an Input or data layer',
    ],
    [
      'nothing near',
      layer('data', '', 'x y') + layer('ip', 'something', 'ip'),
      'net.prototxt:2: layer "ip" (T): bottom "something" is made by no layer; use one of x, y',
    ],
    [
      'a wrong order, or a circle',
      layer('data', '', 'x') + layer('a', 'b', 'a') + layer('b', 'a', 'b'),
      'net.prototxt:2: layer "a" (T): bottom "b" is made only later, by layer "b"; ' +
        'layers run in the order of the file: let an earlier layer make it',
    ],
    [
      'a layer that reads itself',
      layer('data', '', 'x') + layer('a', 'a', 'a'),
      'net.prototxt:2: layer "a" (T): bottom "a" is made by this very layer only; ' +
        'layers run in the order of the file: let an earlier layer make it',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(() => insertSplits(net(text))).toThrow(message);
  });
});
