import { describe, expect, it } from 'vitest';
import { create, decode, encode, has, readWeights } from '../index.ts';

/** A field that holds a message, in bytes. */
function field(number: number, content: Uint8Array): number[] {
  const tag = number * 8 + 2;
  const head = tag < 128 ? [tag] : [(tag & 127) | 128, tag >> 7];
  return [...head, content.length, ...content];
}

function readLayer(type: string, number: number, content: Uint8Array) {
  const layer = [...encode('LayerParameter', create('LayerParameter', { name: 'l', type })), ...field(number, content)];
  const notes: string[] = [];
  const net = readWeights(Uint8Array.from(field(100, Uint8Array.from(layer))), {
    onUpgrade: (result) => notes.push(...result.notes),
  });
  return { layer: net.layer[0]!, notes };
}

const shape = encode('ParameterParameter', create('ParameterParameter', { shape: { dim: [2, 3] } }));
const recurrent = encode('RecurrentParameter', create('RecurrentParameter', { numOutput: 7 }));

describe('fields of BVLC whose numbers mean something else here', () => {
  it('are read by the type of the layer', () => {
    const parameter = readLayer('Parameter', 145, shape);
    expect([...parameter.layer.parameterParam!.shape!.dim]).toEqual([2, 3]);
    expect(has(parameter.layer, 'forwardType')).toBe(false);
    expect(parameter.notes).toEqual(['layer "l": field 145 is BVLC\'s parameter_param']);
    expect(readLayer('LSTM', 146, recurrent).layer.recurrentParam!.numOutput).toBe(7);
    expect(readLayer('RNN', 146, recurrent).layer.recurrentParam!.numOutput).toBe(7);
  });

  it('are not written twice', () => {
    const { layer } = readLayer('LSTM', 146, recurrent);
    const again = decode('LayerParameter', encode('LayerParameter', layer));
    expect(again.recurrentParam!.numOutput).toBe(7);
    expect(encode('LayerParameter', again)).toEqual(encode('LayerParameter', layer));
  });

  it('stay unknown in layers of other types', () => {
    const { layer, notes } = readLayer('ReLU', 146, recurrent);
    expect(has(layer, 'recurrentParam')).toBe(false);
    expect(notes).toEqual([]);
    expect([...encode('LayerParameter', layer)].slice(-recurrent.length)).toEqual([...recurrent]);
  });
});
