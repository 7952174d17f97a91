import { parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import { insertSplits } from './insert-splits.ts';

const layers = (text: string) => parseText('NetParameter', text, { file: 'net.prototxt' }).layer;
const split = (text: string) => insertSplits(parseText('NetParameter', text, { file: 'net.prototxt' })).layer;

const data = 'layer { name: "data" type: "Input" top: "x" top: "label" }\n';

describe('connect', () => {
  it('finds blobs, inputs, work in place, and outputs in alphabetical order', () => {
    const graph = connect(
      layers(`${data}
        layer { name: "ip" type: "T" bottom: "x" top: "z" top: "a" }
        layer { name: "relu" type: "T" bottom: "z" top: "z" }
        layer { name: "m" type: "T" bottom: "label" top: "m" }`),
    );
    expect(graph.blobs).toEqual(['x', 'label', 'z', 'a', 'm']);
    expect(graph.inputs).toEqual(['x', 'label']);
    expect(graph.outputs).toEqual(['a', 'm', 'z']);
    expect(graph.inPlace).toEqual([[false, false], [false, false], [true], [false]]);
  });

  it('counts a top as in place only at the index of its bottom', () => {
    expect(() =>
      connect(layers(`${data} layer { name: "a" type: "T" bottom: "x" bottom: "label" top: "label" }`)),
    ).toThrow(
      'net.prototxt:2: layer "a" (T): top "label" is already made by layer "data" (line 1); give one of them another name',
    );
  });

  it('refuses a top that is made twice', () => {
    const text = `${data}layer { name: "a" type: "T" bottom: "x" top: "y" }
layer { name: "b" type: "T" bottom: "label" top: "y" }`;
    expect(() => connect(layers(text))).toThrow(
      'net.prototxt:3: layer "b" (T): top "y" is already made by layer "a" (line 2); give one of them another name',
    );
  });

  it('says why a layer cannot work in place on a blob that others read', () => {
    const text = `${data}layer { name: "a" type: "T" bottom: "x" top: "y" }
layer { name: "relu" type: "T" bottom: "x" top: "x" }`;
    expect(() => connect(split(text))).toThrow(
      'net.prototxt:3: layer "relu" (T): top "x" is already made by layer "data" (line 1); ' +
        'this layer cannot work in place, for other layers read its bottom too: give its top a name of its own',
    );
  });

  it('refuses a bottom that was read before, and one that nobody made', () => {
    const text = `${data}layer { name: "a" type: "T" bottom: "x" top: "y" }
layer { name: "b" type: "T" bottom: "x" top: "z" }`;
    expect(() => connect(layers(text))).toThrow(
      'net.prototxt:3: layer "b" (T): bottom "x" is already read by layer "a"; ' +
        'a blob has one reader: put a Split between them (insertSplits does)',
    );
    expect(() => connect(layers('layer { name: "a" type: "T" bottom: "x" }'))).toThrow(
      'net.prototxt:1: layer "a" (T): bottom "x" is made by no earlier layer',
    );
  });

  it('refuses a propagate_down of the wrong length', () => {
    const text = `${data}layer { name: "a" type: "T" bottom: "x" bottom: "label" top: "y" propagate_down: true }`;
    expect(() => connect(layers(text))).toThrow(
      'net.prototxt:2: layer "a" (T): propagate_down is given once, but the layer has 2 bottoms; ' +
        'give it once for each bottom, or not at all',
    );
  });
});
