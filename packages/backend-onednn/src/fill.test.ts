import { createCpuBackend, Tensor, Values } from '@jacinto/core-tensor';
import { closeTo, seededRandom } from '@jacinto/core-tensor/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOneDnn } from './find-library.ts';
import { assembleOneDnn } from './onednn-backend.ts';

const found = await findOneDnn();
const version = found.usable ? found.version : `skipped: ${found.reason}`;

describe.skipIf(!found.usable)(`zeros that are remembered, not written (${version})`, () => {
  let parts: ReturnType<typeof assembleOneDnn>;
  const random = seededRandom(41);
  beforeAll(async () => {
    if (found.usable) parts = assembleOneDnn(found, { over: await createCpuBackend({ threads: 2 }) });
  });
  afterAll(() => parts.backend.dispose());

  const tensor = (...shape: number[]): Tensor => {
    const made = new Tensor(parts.backend, shape);
    for (const values of [made.data, made.diff]) {
      values.hostWrite().forEach((_, i, all) => {
        all[i] = random.gaussian();
      });
    }
    return made;
  };
  const clear = (...all: Values[]): void => {
    for (const values of all) parts.backend.fill({ count: values.count }).run(0, values);
  };
  const numbers = (values: Values): number[] => [...values.hostRead()];

  it('are there for whoever reads: on the host, in blocks, and in operations', () => {
    const { backend, context, places } = parts;
    const { data } = tensor(2, 16, 3, 5);
    const blocked = context.layouts.of(context.api.blockedDesc([2, 16, 3, 5], 16));
    const at = places.read(data, blocked);
    clear(data);
    expect([places.isClear(data), backend.layoutOf(data)]).toEqual([true, undefined]);
    expect(new Set(numbers(data))).toEqual(new Set([0]));
    expect(places.isClear(data)).toBe(false);
    clear(data);
    expect(places.read(data, blocked)).toBe(at);
    expect(new Set(new Float32Array(backend.host.allocate(64).buffer, at, data.count))).toEqual(new Set([0]));
    clear(data);
    data.hostUpdate()[7] = 3;
    expect(numbers(data).indexOf(3)).toBe(7);
    expect(numbers(data).filter((value) => value !== 0)).toEqual([3]);
    clear(data);
    const sum = new Values(backend, data.count);
    const ones = new Values(backend, data.count);
    ones.hostWrite().fill(1);
    backend.eltwise({ method: 'sum', count: data.count, inputs: 2 }).forward([ones, data], sum);
    expect(new Set(numbers(sum))).toEqual(new Set([1]));
    backend.fill({ count: 4 }).run(0, ones);
    expect(numbers(ones).slice(0, 6)).toEqual([0, 0, 0, 0, 1, 1]);
  });

  it('take what is added to them: products, and gradients of convolutions', () => {
    const { backend, places } = parts;
    const [a, b, c] = [tensor(20, 6), tensor(20, 9), tensor(6, 9)];
    const product = backend.gemm({ m: 6, n: 9, k: 20, transA: true });
    const [x, w, bias, y] = [tensor(2, 16, 6, 6), tensor(32, 16, 3, 3), tensor(32), tensor(2, 32, 6, 6)];
    const same = { stride: [1, 1], pad: [1, 1], dilation: [1, 1], group: 1, bias: true };
    const convolution = backend.convolution({ x: x.spec, w: w.spec, y: y.spec, ...same });
    const gradients = [c.diff, w.diff, bias.diff];
    const add = (): void => {
      product.run(a.data, b.data, c.diff, { beta: 1 });
      convolution.backwardWeights(x.data, y.diff, w.diff, bias.diff, { accumulate: true });
    };
    for (const values of gradients) values.hostWrite().fill(0);
    add();
    const once = gradients.map((values) => values.hostRead().slice());
    clear(...gradients);
    add();
    gradients.forEach((values, i) => {
      expect(places.isClear(values)).toBe(false);
      closeTo(values.hostRead(), once[i]!, 2e-6, `gradient ${i}`);
    });
    add();
    gradients.forEach((values, i) => {
      closeTo(
        values.hostRead(),
        once[i]!.map((value) => 2 * value),
        2e-6,
        `gradient ${i}, twice`,
      );
    });
    // Weights alone are clear, then the bias alone.
    clear(w.diff);
    add();
    closeTo(w.diff.hostRead(), once[1]!, 2e-6, 'weights');
    closeTo(
      bias.diff.hostRead(),
      once[2]!.map((value) => 3 * value),
      2e-6,
      'bias',
    );
    clear(bias.diff);
    add();
    closeTo(bias.diff.hostRead(), once[2]!, 2e-6, 'bias, cleared');
  });

  it('end with another count, and with the memory', () => {
    const { places } = parts;
    const values = new Values(parts.backend, 8);
    clear(values);
    values.resize(6);
    values.hostWrite().fill(2);
    expect(numbers(values)).toEqual([2, 2, 2, 2, 2, 2]);
    clear(values);
    values.release();
    expect(places.isClear(values)).toBe(false);
    expect(numbers(values)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});
