export { checkLayerGradient } from './check-gradient.ts';
export { checkLayer, compareArrays, compareResults } from './check-layer.ts';
export { draw } from './draw.ts';
export {
  type GradientRule,
  type LayerCase,
  type LayerCases,
  layerCases,
  type NamedCase,
  type ValueRule,
} from './layer-case.ts';
export { type LayerResult, type LayerRun, layerParamOf, type RunOptions, runLayer, setUpLayer } from './run-layer.ts';
export { tinyLayers } from './tiny-layers.ts';
export { type TinyNetOptions, tinyNet } from './tiny-net.ts';
