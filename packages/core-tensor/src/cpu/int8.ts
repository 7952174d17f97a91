import type { Int8Operations } from '../operations/index.ts';
import type { Engine } from './engine.ts';
import { int8Combine } from './int8-combine.ts';
import { int8Convolution, int8ConvolutionMargin } from './int8-convolution.ts';
import { int8Images } from './int8-images.ts';
import { int8Pooling } from './int8-pooling.ts';

/** Integer inference on this backend: i16 dot products of WebAssembly SIMD. */
export function int8On(engine: Engine): Int8Operations {
  return {
    images: int8Images(engine),
    convolutionMargin: int8ConvolutionMargin,
    convolution: int8Convolution(engine),
    pooling: int8Pooling(engine),
    combine: int8Combine(engine),
  };
}
