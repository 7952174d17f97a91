import { Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { describe, expect, it } from 'vitest';
import { Layer } from '../layer.ts';
import { checkLayer, checkLayerGradient, type LayerCase, layerCases, runLayer, tinyLayers } from './index.ts';

const byType = new Map(tinyLayers.map((each) => [each.type, each]));

const tables = [
  layerCases('InnerProduct', [
    { param: 'num_output: 3 weight_filler { type: "gaussian" }', bottoms: [[2, 4]], topShapes: [[2, 3]] },
    { param: 'num_output: 2 bias_term: false weight_filler { type: "xavier" }', bottoms: [[3, 2, 2]] },
  ]),
  layerCases('ReLU', [{ bottoms: [[3, 5]], kinks: { at: 0, range: 0.01 }, inPlace: true, bound: 'exact' }]),
  layerCases('EuclideanLoss', [{ bottoms: Array(2).fill([3, 4]), gradient: { objective: 'each' } }]),
  layerCases('Split', [{ bottoms: [[2, 3]], tops: 3 }]),
  layerCases('Silence', [{ bottoms: [[2], [3]] }]),
];

for (const { type, cases } of tables) {
  describe(type, () => {
    it.each(cases)('$name', async (layerCase) => {
      await checkLayer(byType.get(type)!, layerCase);
    });
  });
}

/** y = w·x with one weight; its faults can be switched on. */
class Scaled extends Layer {
  static override readonly type = 'Scaled';
  static fault = '';

  override setUp(): void {
    this.blobs.push(new Tensor(this.backend, [1]));
    this.blobs[0]!.data.hostWrite()[0] = 3;
  }

  reshape([x]: readonly Tensor[], [y]: readonly Tensor[]): void {
    y!.reshapeLike(x!);
  }

  forward([x]: readonly Tensor[], [y]: readonly Tensor[]): void {
    const w =
      this.blobs[0]!.data.hostRead()[0]! + (Scaled.fault === 'backend' && this.backend.name === 'other' ? 0.1 : 0);
    const from = x!.data.hostRead().slice();
    if (Scaled.fault === 'in place') y!.data.hostWrite().fill(0);
    const to = y!.data.hostWrite<Float32Array>();
    for (let i = 0; i < to.length; i++) to[i] = w * (Scaled.fault === 'in place' ? x!.data.hostRead()[i]! : from[i]!);
  }

  override backward([y]: readonly Tensor[], [wanted]: readonly boolean[], [x]: readonly Tensor[]): void {
    const w = this.blobs[0]!.data.hostRead()[0]!;
    const [dy, from] = [y!.diff.hostRead(), x!.data.hostRead()];
    const dw = this.blobs[0]!.diff.hostUpdate();
    if (Scaled.fault === 'overwrites blobs') dw[0] = 0;
    for (let i = 0; i < dy.length; i++) dw[0]! += dy[i]! * from[i]!;
    if (!wanted || Scaled.fault === 'no bottom') return;
    const dx = x!.diff.hostUpdate();
    for (let i = 0; i < dx.length; i++) {
      dx[i] = (Scaled.fault === 'adds to bottoms' ? dx[i]! : 0) + w * dy[i]! * (Scaled.fault === 'wrong' ? 1.01 : 1);
    }
  }
}

describe('checkLayer', () => {
  const layerCase = { name: 'c', bottoms: [[2, 3]] };
  const check = (fault: string, more: Partial<LayerCase> = {}) => {
    Scaled.fault = fault;
    const backend = fault === 'backend' ? { ...createReferenceBackend(), name: 'other' } : undefined;
    return checkLayer(Scaled, { ...layerCase, ...more }, { backend });
  };

  it('accepts a right layer and gives its results', async () => {
    const { tops, bottomDiffs, blobDiffs } = await check('');
    expect(tops[0]!.shape).toEqual([2, 3]);
    expect([bottomDiffs.length, blobDiffs.length]).toEqual([1, 1]);
  });

  it.each([
    [
      'wrong',
      /^Scaled, case "c": gradient of bottom 0\[0\] \(value .*\) is .*, numerically .* step 0.01, threshold 0.001, seed 1701/,
    ],
    ['adds to bottoms', /^Scaled, case "c": gradient of bottom 0\[0\]/],
    ['no bottom', /^Scaled, case "c": gradient of bottom 0\[0\] .* is 1000000/],
    ['overwrites blobs', /^Scaled, case "c": gradient of blob 0\[0\]/],
    ['backend', /^Scaled on other: top 0\[\d\] is .*, expected .* \(largest value .*, bound 0.00001\)/],
  ])('finds the fault: %s', async (fault, message) => {
    await expect(check(fault)).rejects.toThrow(message);
  });

  it('finds a layer that cannot work in place', async () => {
    await expect(check('in place', { inPlace: true, gradient: { skip: 'not the point' } })).rejects.toThrow(
      /^Scaled in place: top 0\[\d\] is 0, expected/,
    );
  });

  it('finds a wrong shape', async () => {
    await expect(check('', { topShapes: [[6]] })).rejects.toThrow('Scaled: top 0 has shape [2,3], not [6]');
  });

  it('checks only what the rule names', async () => {
    await check('wrong', { gradient: { bottoms: [] } });
    await check('overwrites blobs', { gradient: { blobs: [] } });
    await check('wrong', { gradient: { threshold: 0.1 } });
    await check('wrong', { gradient: { skip: 'a known fault' } });
    Scaled.fault = '';
    expect(await checkLayerGradient(Scaled, layerCase)).toMatchObject({ compared: 7 });
    expect(await checkLayerGradient(Scaled, { ...layerCase, kinks: { at: 1, range: 10 } })).toMatchObject({
      compared: 0,
    });
  });

  it('names the layer in errors of the layer itself', async () => {
    await expect(runLayer(byType.get('InnerProduct')!, layerCase)).rejects.toThrow(
      'layer "test" (InnerProduct): inner_product_param.num_output is missing; use 1 or more',
    );
    await expect(runLayer(byType.get('ReLU')!, { ...layerCase, param: 'negative_slope: 1' })).rejects.toThrow(
      'ReLU has no paramField for "negative_slope: 1"; give the text as `layer`',
    );
    await expect(runLayer(byType.get('EuclideanLoss')!, layerCase)).rejects.toThrow('has 1 bottom, takes 2 bottoms');
  });
});

describe('layerCases', () => {
  it('names cases by what they hold', () => {
    const { cases } = layerCases('X', [
      { bottoms: [[1], [2, 3]] },
      { param: 'a: 1', layer: 'loss_weight: 2', bottoms: [[]], phase: 'TEST', tops: 2, inPlace: true },
      { name: 'mine', bottoms: [] },
    ]);
    expect(cases.map(({ name }) => name)).toEqual(['[1] [2,3]', 'loss_weight: 2 a: 1 [] TEST tops=2 in place', 'mine']);
  });

  it('refuses two cases of one name', () => {
    expect(() => layerCases('X', [{ bottoms: [[1]] }, { bottoms: [[1]], seed: 2 }])).toThrow(
      'two cases of X are called "[1]"; give them names',
    );
  });
});

describe('values of a case', () => {
  const values = async (layerCase: Partial<LayerCase>) => {
    const { tops } = await runLayer(byType.get('Split')!, {
      bottoms: [[6]],
      gradient: { skip: 'values only' },
      ...layerCase,
    });
    return Array.from(tops[0]!.data);
  };

  it('are the same for the same seed', async () => {
    expect(await values({})).toEqual(await values({}));
    expect(await values({})).not.toEqual(await values({ seed: 2 }));
  });

  it('go by the rule', async () => {
    expect(await values({ values: { 0: { constant: 2 } } })).toEqual([2, 2, 2, 2, 2, 2]);
    expect(await values({ values: { 0: { values: [1, 2] } } })).toEqual([1, 2, 1, 2, 1, 2]);
    expect((await values({ values: { 0: { integers: 3 } } })).every((value) => [0, 1, 2].includes(value))).toBe(true);
    expect((await values({ values: { 0: { uniform: [5, 6] } } })).every((value) => value >= 5 && value <= 6)).toBe(
      true,
    );
    expect((await values({ values: { 0: { gaussian: { mean: 9, std: 0 } } } })).every((value) => value === 9)).toBe(
      true,
    );
  });

  it('have no ties where ties are kinks', async () => {
    const sorted = (await values({ kinks: 'ties' })).sort((a, b) => a - b);
    for (let i = 1; i < sorted.length; i++) expect(sorted[i]! - sorted[i - 1]!).toBeCloseTo(0.04, 5);
  });
});
