import { layerCases } from '@jacinto/net/testing';

const module = new URL('./testing/python-layers.mjs', import.meta.url).pathname;

export const cases = layerCases('Python', [
  { name: 'without blobs', param: `module: "${module}" layer: "Multiply" param_str: "3"`, bottoms: [[2, 3]] },
  { name: 'with a blob', param: `module: "${module}" layer: "Learned"`, bottoms: [[2, 3]] },
  { name: 'a factor below 1', param: `module: "${module}" layer: "Multiply" param_str: "0.25"`, bottoms: [[4]] },
]);
