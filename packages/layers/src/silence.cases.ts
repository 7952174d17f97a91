import { layerCases } from '@jacinto/net/testing';

export const cases = layerCases('Silence', [{ bottoms: [[2, 3], [4]] }]);
