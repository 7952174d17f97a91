import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('TanH', [{ bottoms: [[2, 3, 4, 5]], inPlace: true, golden: 'tanh_0' }]);
