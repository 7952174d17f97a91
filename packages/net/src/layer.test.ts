import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { type PoolingParameter, parseText } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { layerContext } from './context.ts';
import { Layer, type LayerClass, LayerRegistry } from './index.ts';
import { tinyLayers } from './testing/index.ts';

class Pool extends Layer<PoolingParameter> {
  static override readonly type = 'Pool';
  static override readonly paramField = 'poolingParam';

  reshape(): void {}

  forward(): void {}

  wrong() {
    return this.fail('pad', 'is 3, not smaller than the kernel (3)', 'use 0 to 2');
  }

  wrongShape() {
    return this.badShape('the kernel is larger than the input');
  }
}

function make<T>(layerClass: new (...args: ConstructorParameters<LayerClass>) => T, text: string): T {
  const param = parseText('LayerParameter', text);
  param.phase = 0;
  const options = { backend: createReferenceBackend(), registry: new LayerRegistry() };
  return new layerClass(param, layerContext(options, { seed: 1, forwardCount: 0 }, param, 0, false));
}

describe('Layer', () => {
  it("has its own message, or one of the schema's defaults", () => {
    expect(make(Pool, 'name: "p" pooling_param { kernel_size: 3 }').param.kernelSize).toBe(3);
    const bare = make(Pool, 'name: "p"');
    expect([bare.param.stride, bare.name, bare.type]).toEqual([1, 'p', 'Pool']);
  });

  it('states faults by field, problem and fix', () => {
    expect(make(Pool, '').wrong().message).toBe('pooling_param.pad is 3, not smaller than the kernel (3); use 0 to 2');
    expect(make(Pool, '').wrongShape().message).toBe('the kernel is larger than the input');
  });

  it('refuses a paramField that is no message', () => {
    class Wrong extends Pool {
      static override readonly paramField = 'name' as 'poolingParam';
    }
    expect(() => make(Wrong, '')).toThrow('paramField "name" is no message of LayerParameter');
  });
});

describe('LayerRegistry', () => {
  it('finds classes by type; later lists replace earlier ones', () => {
    class Other extends Pool {
      static override readonly type = 'ReLU' as 'Pool';
    }
    const registry = new LayerRegistry(tinyLayers, [Other, Pool]);
    expect(registry.get('ReLU')).toBe(Other);
    expect(registry.has('Pool')).toBe(true);
    expect(registry.types).toEqual(['EuclideanLoss', 'InnerProduct', 'Input', 'Pool', 'ReLU', 'Silence', 'Split']);
  });

  it('names the nearest type', () => {
    expect(() => new LayerRegistry(tinyLayers).get('Relu')).toThrow('type "Relu" is not known; did you mean "ReLU"?');
  });
});
