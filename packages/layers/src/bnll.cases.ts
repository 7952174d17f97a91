import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('BNLL', [{ bottoms: [[2, 3, 4, 5]], inPlace: true, golden: 'bnll_0' }]);
