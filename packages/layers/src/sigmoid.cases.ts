import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Sigmoid', [{ bottoms: [[2, 3, 4, 5]], inPlace: true, golden: 'sigmoid_0' }]);
