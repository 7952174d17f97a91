import { createCpuBackend, Tensor } from '@jacinto/core-tensor';
import { afterAll, describe, expect, test } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { createOneDnnBackend } from './onednn-backend.ts';

const found = await findOneDnn();

describe.skipIf(!found.usable)('arguments that are placed once', async () => {
  if (!found.usable) return;
  const backend = await createOneDnnBackend({ found, over: await createCpuBackend({ threads: 1 }) });
  afterAll(() => backend.dispose());
  const channels = 16;
  const shape = [1, channels, 4, 4];
  const tensor = (value: number, of = shape): Tensor => {
    const made = new Tensor(backend, of);
    made.data.hostWrite().fill(value);
    return made;
  };
  const geometry = { stride: [1, 1], pad: [0, 0], dilation: [1, 1], group: 1, bias: true, inference: true };
  const weights = tensor(1, [channels, channels, 1, 1]);
  const bias = tensor(0, [channels]);
  const [first, middle, last] = [tensor(1), tensor(0), tensor(0)];
  const operation = backend.convolution({ x: first.spec, w: weights.spec, y: middle.spec, ...geometry });
  const second = backend.convolution({ x: middle.spec, w: weights.spec, y: last.spec, ...geometry });
  const ran = (x: Tensor, y = last): number[] => {
    operation.forward(x.data, weights.data, bias.data, middle.data);
    second.forward(middle.data, weights.data, bias.data, y.data);
    return [...new Set(y.data.hostRead())];
  };

  test('follow what the host writes', () => {
    expect(ran(first)).toEqual([256]);
    expect(ran(first)).toEqual([256]);
    first.data.hostWrite().fill(2);
    expect(ran(first)).toEqual([512]);
    weights.data.hostUpdate().fill(0.5);
    expect(ran(first)).toEqual([128]);
    bias.data.hostWrite().fill(1);
    expect(ran(first)).toEqual([137]);
    weights.data.hostWrite().fill(1);
    bias.data.hostWrite().fill(0);
    expect(ran(first)).toEqual([512]);
  });

  test('follow the host into a value between two operations', () => {
    first.data.hostWrite().fill(1);
    expect(ran(first)).toEqual([256]);
    expect(middle.data.hostRead()[0]).toBe(16);
    middle.data.hostUpdate().fill(1);
    second.forward(middle.data, weights.data, bias.data, last.data);
    expect(last.data.hostRead()[0]).toBe(16);
    expect(ran(first)).toEqual([256]);
  });

  test('are others where other values are given, and where memory was freed', () => {
    const [other, result] = [tensor(3), tensor(0)];
    expect(ran(other, result)).toEqual([768]);
    expect(ran(first)).toEqual([256]);
    middle.data.release();
    last.data.release();
    const taken = tensor(9); // takes what was freed
    expect(ran(first)).toEqual([256]);
    expect([...new Set(taken.data.hostRead())]).toEqual([9]);
    first.data.release();
    first.data.hostWrite().fill(5);
    expect(ran(first)).toEqual([1280]);
    bias.data.release();
    const grown = tensor(7, [channels]); // where the bias lay
    bias.data.hostWrite().fill(1);
    expect(ran(first)).toEqual([1297]);
    expect([...new Set(grown.data.hostRead())]).toEqual([7]);
    bias.data.hostWrite().fill(0);
  });

  test('leave no copy in another layout that is taken for current', () => {
    for (const value of [1, 2, 3]) {
      first.data.hostWrite().fill(value);
      expect(ran(first)).toEqual([256 * value]);
      expect(middle.data.hostRead()[5]).toBe(16 * value);
    }
  });
});
