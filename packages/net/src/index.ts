export { type Arity, Layer, type LayerClass, type LayerContext, type LayerState } from './layer.ts';
export { LayerRegistry } from './registry.ts';
