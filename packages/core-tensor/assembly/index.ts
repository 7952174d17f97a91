// Every kernel and the pool's entry points; a kernel's exported name is the name the TypeScript side asks for.
export { axpby } from './axpby';
export * from './batch-norm';
export * from './batch-norm-backward';
export * from './batch-norm-blocks';
export { batchNormGlobalStatistics, batchNormStatistics, batchNormSums } from './batch-norm-statistics';
export * from './convolution';
export * from './convolution-bias';
export * from './convolution-pack';
export * from './convolution-weights';
export * from './copy';
export * from './dropout';
export * from './eltwise';
export * from './fill';
export * from './gemm';
export * from './gemm-thin';
export { int8Combine } from './int8-combine';
export { int8Convolution, int8Depthwise } from './int8-convolution';
export { int8Pooling } from './int8-pooling';
export { int8Winograd } from './int8-winograd';
export { lrnAcross, lrnAcrossBackward } from './lrn';
export * from './lrn-within';
export { packPanels4, packPanels8 } from './pack';
export * from './permute';
export * from './pool';
export { poolingMax } from './pooling';
export * from './pooling-average';
export * from './pooling-max-backward';
export * from './pooling-max2';
export * from './power';
export * from './reduce';
export * from './scale-bias';
export * from './softmax';
export * from './softmax-loss';
export * from './solver-update';
export { sparseConvolve } from './sparse';
export {
  sparseTile4, sparseTile5, sparseTile6, sparseTile7, sparseTile8, sparseTile9, sparseTile10, sparseTile11, sparseTile12,
  sparseTile13, sparseLapped3, sparseLapped6, sparseLapped9, sparseLapped12,
} from './sparse-tile';
export * from './unary';
export * from './unary-backward';
export { upsample } from './upsample';
export { winogradConvolve, winogradWeights } from './winograd';
export { winogradGradients, winogradGradientsBack } from './winograd-weights';
