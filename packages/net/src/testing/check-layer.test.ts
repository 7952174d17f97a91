import { describe, it } from 'vitest';
import { checkLayer, layerCases, tinyLayers } from './index.ts';

const byType = new Map(tinyLayers.map((each) => [each.type, each]));

const tables = [
  layerCases('InnerProduct', [
    { param: 'num_output: 3 weight_filler { type: "gaussian" }', bottoms: [[2, 4]], topShapes: [[2, 3]] },
    { param: 'num_output: 2 bias_term: false weight_filler { type: "xavier" }', bottoms: [[3, 2, 2]] },
  ]),
  layerCases('ReLU', [{ bottoms: [[3, 5]], kinks: { at: 0, range: 0.01 }, inPlace: true, bound: 'exact' }]),
  layerCases('EuclideanLoss', [
    {
      bottoms: [
        [3, 4],
        [3, 4],
      ],
      gradient: { objective: 'each' },
    },
  ]),
  layerCases('Split', [{ bottoms: [[2, 3]], tops: 3 }]),
];

for (const { type, cases } of tables) {
  describe(type, () => {
    it.each(cases)('$name', async (layerCase) => {
      await checkLayer(byType.get(type)!, layerCase);
    });
  });
}
