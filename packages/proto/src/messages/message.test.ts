import { describe, expect, it } from 'vitest';
import {
  CaffeError,
  clone,
  create,
  decode,
  encode,
  equals,
  fieldsOf,
  has,
  type LayerParameter,
  mergeFrom,
  PoolingParameter,
  typeNameOf,
} from '../index.ts';

describe('create', () => {
  it('makes nested messages, reads defaults, and knows what is present', () => {
    const layer: LayerParameter = create('LayerParameter', { name: 'p', poolingParam: { kernelSize: 3 } });
    const pooling = layer.poolingParam!;
    expect(typeNameOf(pooling)).toBe('PoolingParameter');
    expect([pooling.kernelSize, pooling.stride, pooling.pool]).toEqual([3, 1, PoolingParameter.PoolMethod.MAX]);
    expect([has(pooling, 'kernelSize'), has(pooling, 'stride')]).toEqual([true, false]);
    expect(layer.type).toBeUndefined();
    pooling.stride = 1;
    expect(has(pooling, 'stride')).toBe(true);
  });

  it('gives an absent repeated field a list that can be pushed onto', () => {
    const layer = create('LayerParameter');
    expect([...layer.bottom]).toEqual([]);
    expect(has(layer, 'bottom')).toBe(false);
    layer.bottom.push('data');
    expect(has(layer, 'bottom')).toBe(true);
    expect(decode('LayerParameter', encode('LayerParameter', layer)).bottom).toEqual(['data']);
    expect(create('LayerParameter').bottom).toEqual([]);
  });

  it('rounds floats to float and keeps typed arrays as they are', () => {
    const data = Float32Array.of(1, 2);
    expect(create('BlobProto', { data }).data).toBe(data);
    expect(create('SolverParameter', { baseLr: 0.1 }).baseLr).toBe(Math.fround(0.1));
    expect(create('SolverParameter').sparsityStepFactor).toBe(Math.fround(0.01));
  });

  it('names the nearest field for a wrong key', () => {
    expect(() => create('PoolingParameter', { kernel_size: 3 } as never)).toThrow(
      'PoolingParameter: "kernel_size" is not known; did you mean "kernelSize"?',
    );
    expect(() => create('LayerParamter' as 'LayerParameter')).toThrow('did you mean "LayerParameter"?');
    expect(() => create('NetParameter', { layer: { name: 'a' } as never })).toThrow(
      'layer is [object Object], not an array',
    );
  });
});

describe('every message type', () => {
  it('has fields whose property names differ, and defaults that encode', () => {
    for (const name of ['NetParameter', 'SolverParameter', 'TransformationParameter', 'BatchNormParameter'] as const) {
      const fields = fieldsOf(name);
      expect(new Set(fields.map((field) => field.camelName)).size).toBe(fields.length);
      expect(fields.map((field) => field.number)).toEqual(fields.map((field) => field.number).sort((a, b) => a - b));
      const message = create(name) as unknown as Record<string, unknown>;
      for (const field of fields) if (field.default !== undefined) message[field.camelName] = field.default;
      expect(equals(decode(name, encode(name, message as never)), message)).toBe(true);
    }
  });

  it('gives field infos with prototxt and property names', () => {
    const field = fieldsOf('PoolingParameter').find((info) => info.name === 'kernel_size')!;
    expect(field).toMatchObject({ camelName: 'kernelSize', number: 2, label: 'optional', kind: 'uint32' });
    const pool = fieldsOf('PoolingParameter')[0]!;
    expect(pool).toMatchObject({ name: 'pool', kind: 'enum', typeName: 'PoolingParameter.PoolMethod', default: 0 });
  });
});

describe('clone, mergeFrom, equals', () => {
  const layer = () =>
    create('LayerParameter', { name: 'a', bottom: ['x'], poolingParam: { pad: 1 }, lossWeight: [0.5] });

  it('clones deeply', () => {
    const original = layer();
    const copy = clone(original);
    expect(equals(copy, original)).toBe(true);
    copy.bottom.push('y');
    copy.poolingParam!.pad = 2;
    expect([original.bottom, original.poolingParam!.pad]).toEqual([['x'], 1]);
    expect(equals(copy, original)).toBe(false);
  });

  it('merges as protobuf does', () => {
    const target = layer();
    mergeFrom(target, create('LayerParameter', { name: 'b', bottom: ['y'], poolingParam: { stride: 3 } }));
    expect(target.name).toBe('b');
    expect(target.bottom).toEqual(['x', 'y']);
    expect({ ...target.poolingParam }).toEqual({ pad: 1, stride: 3 });
    const blob = create('BlobProto', { data: Float32Array.of(1) });
    mergeFrom(blob, create('BlobProto', { data: Float32Array.of(2, 3) }));
    expect(blob.data).toEqual(Float32Array.of(1, 2, 3));
    expect(() => mergeFrom(target as object, blob)).toThrow('a BlobProto cannot be merged into a LayerParameter');
  });

  it('compares by presence and value; an empty list is an absent one, NaN equals NaN', () => {
    const a = create('SolverParameter', { baseLr: Number.NaN, stepvalue: [] });
    expect(equals(a, create('SolverParameter', { baseLr: Number.NaN }))).toBe(true);
    expect(equals(a, create('SolverParameter', { baseLr: Number.NaN, momentum: 0 }))).toBe(false);
    expect(() => equals({}, a)).toThrow(CaffeError);
  });
});
