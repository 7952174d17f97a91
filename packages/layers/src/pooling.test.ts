import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { PoolingLayer } from './pooling.ts';
import { pooledLength } from './support/pooled-length.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

describe('pooledLength', () => {
  test.each([
    [4, 2, 2, 0, 2],
    [5, 2, 2, 0, 3],
    [32, 3, 2, 0, 16],
    [7, 3, 2, 1, 4],
    [6, 3, 2, 1, 4],
    [5, 2, 2, 1, 3],
    [4, 2, 2, 1, 3],
    [2, 3, 2, 0, 1],
    [2, 5, 2, 0, 0],
  ])('%i with kernel %i, stride %i, pad %i gives %i', (input, kernel, stride, pad, length) => {
    expect(pooledLength(input, { kernel, stride, pad })).toBe(length);
  });
});

describe('Pooling', () => {
  const image = { bottoms: [[1, 1, 3, 3]], values: values([1, 5, 2, 5, 0, 3, 4, 4, 9]) };

  test('takes maxima, and says where the first of equals stands', async () => {
    const each = { ...image, param: 'kernel_size: 2', tops: 2 };
    expect(await topOf(PoolingLayer, each)).toEqual([5, 5, 5, 9]);
    expect(await topOf(PoolingLayer, each, 1)).toEqual([1, 1, 3, 8]);
  });

  test('averages over the window inside the padded image', async () => {
    const param = 'pool: AVE kernel_size: 2 stride: 2 pad: 1';
    expect(await topOf(PoolingLayer, { ...image, param })).toEqual([1 / 4, 7 / 4, 9 / 4, 16 / 4]);
    // Without padding a window over the edge counts what is inside.
    expect(await topOf(PoolingLayer, { ...image, param: 'pool: AVE kernel_size: 2 stride: 2' })).toEqual([
      11 / 4,
      5 / 2,
      8 / 2,
      9,
    ]);
  });

  test('pools the whole image', async () => {
    expect(await topOf(PoolingLayer, { ...image, param: 'global_pooling: true' })).toEqual([9]);
    expect(await topOf(PoolingLayer, { ...image, param: 'pool: AVE global_pooling: true' })).toEqual([
      Math.fround(33 / 9),
    ]);
  });

  test('finds the winners for a gradient in TEST that nobody has announced, whatever came of the top in place', async () => {
    const run = await setUpLayer(PoolingLayer, { ...image, param: 'kernel_size: 2', phase: 'TEST' });
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).toEqual([5, 5, 5, 9]);
    run.tops[0]!.data.hostUpdate().fill(7);
    run.tops[0]!.diff.hostWrite().set([1, 2, 4, 8]);
    await run.backward([true]);
    expect([...(await run.read(run.bottoms[0]!, 'diff'))]).toEqual([0, 3, 0, 4, 0, 0, 0, 0, 8]);
    expect([...(await run.read(run.tops[0]!))]).toEqual([7, 7, 7, 7]);
  });

  test('picks at random in TRAIN, in proportion to the values, and sends the gradient there', async () => {
    const each = { param: 'pool: STOCHASTIC kernel_size: 2', bottoms: [[1, 400, 2, 2]], values: values([0, 1, 0, 3]) };
    const run = await setUpLayer(PoolingLayer, each);
    await run.forward();
    const picked = [...(await run.read(run.tops[0]!))];
    expect(new Set(picked)).toEqual(new Set([1, 3]));
    const share = picked.filter((value) => value === 3).length / picked.length;
    expect(share).toBeGreaterThan(0.65);
    expect(share).toBeLessThan(0.85);
    run.tops[0]!.diff.hostWrite().fill(2);
    await run.backward([true]);
    const dx = await run.read(run.bottoms[0]!, 'diff');
    picked.forEach((value, c) => {
      expect([...dx.slice(4 * c, 4 * c + 4)]).toEqual([0, value === 1 ? 2 : 0, 0, value === 3 ? 2 : 0]);
    });
    run.setForwardCount(1);
    await run.forward();
    expect([...(await run.read(run.tops[0]!))]).not.toEqual(picked);
  });

  test('gives the expectation of that pick in TEST, where there is no gradient', async () => {
    const each = { param: 'pool: STOCHASTIC kernel_size: 2', bottoms: [[1, 1, 2, 2]], phase: 'TEST' as const };
    expect(await topOf(PoolingLayer, { ...each, values: values([0, 1, 0, 3]) })).toEqual([2.5]);
    expect(await topOf(PoolingLayer, { ...each, values: values([0, 0, 0, 0]) })).toEqual([0]);
    expect(await errorOf(PoolingLayer, each)).toContain('has no gradient, but one of its bottoms needs one');
  });

  test.each([
    ['', 'pooling_param.kernel_size is missing; give kernel_size, or kernel_h and kernel_w, or global_pooling: true'],
    [
      'kernel_h: 2',
      'pooling_param.kernel_size is missing; give kernel_size, or kernel_h and kernel_w, or global_pooling: true',
    ],
    [
      'kernel_size: 2 kernel_h: 2',
      'pooling_param.kernel_size is given beside kernel_h or kernel_w; give one of the two forms',
    ],
    ['kernel_size: 0', 'pooling_param.kernel_size is 0; use 1 or more'],
    ['kernel_size: 2 stride: 0', 'pooling_param.stride is 0; use 1 or more'],
    ['kernel_size: 3 pad: 3', 'pooling_param.pad is 3, not smaller than the kernel (3); use 0 to 2'],
    ['kernel_size: 3 pad_w: 4', 'pooling_param.pad_w is 4, not smaller than the kernel (3); use 0 to 2'],
    [
      'kernel_size: 3 global_pooling: true',
      'pooling_param.kernel_size is given beside global_pooling; leave it out: the window is the image',
    ],
    ['global_pooling: true pad_h: 1', 'pooling_param.pad_h is 1 beside global_pooling; use pad 0 and stride 1'],
    [
      'kernel_size: 7',
      'pooling_param.kernel_size is 7, too large for the padded input (3 + 2·0) on axis 2; use a smaller kernel',
    ],
    ['pool: STOCHASTIC kernel_size: 3 pad: 1', 'pooling_param.pad is 1; stochastic pooling takes no pad: use 0'],
  ])('refuses "%s"', async (param, message) => {
    expect(await errorOf(PoolingLayer, { param, bottoms: [[1, 1, 3, 3]] })).toBe(`layer "test" (Pooling): ${message}`);
  });

  test('refuses other than 4 axes, and a second top but for MAX', async () => {
    expect(await errorOf(PoolingLayer, { param: 'kernel_size: 2', bottoms: [[3, 3]] })).toContain(
      'bottom[0] is 3 3 (9); pooling needs 4 axes: N, C, H, W',
    );
    expect(
      await errorOf(PoolingLayer, { param: 'pool: AVE kernel_size: 2', bottoms: [[1, 1, 3, 3]], tops: 2 }),
    ).toContain('has 2 tops, takes 1 top; leave 1 out');
  });
});
