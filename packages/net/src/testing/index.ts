export {
  type GradientRule,
  type LayerCase,
  type LayerCases,
  layerCases,
  type NamedCase,
  type ValueRule,
} from './layer-case.ts';
