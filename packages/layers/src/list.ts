import type { LayerClass } from '@jacinto/net';
import { AbsValLayer } from './abs-val.ts';
import { AccuracyLayer } from './accuracy.ts';
import { ArgMaxLayer } from './arg-max.ts';
import { BatchNormLayer } from './batch-norm.ts';
import { BiasLayer } from './bias.ts';
import { BNLLLayer } from './bnll.ts';
import { ConcatLayer } from './concat.ts';
import { ConvolutionLayer } from './convolution.ts';
import { CropLayer } from './crop.ts';
import { DeconvolutionLayer } from './deconvolution.ts';
import { DropoutLayer } from './dropout.ts';
import { DummyDataLayer } from './dummy-data.ts';
import { EltwiseLayer } from './eltwise.ts';
import { ELULayer } from './elu.ts';
import { EuclideanLossLayer } from './euclidean-loss.ts';
import { ExpLayer } from './exp.ts';
import { FlattenLayer } from './flatten.ts';
import { InnerProductLayer } from './inner-product.ts';
import { InputLayer } from './input.ts';
import { LogLayer } from './log.ts';
import { LRNLayer } from './lrn.ts';
import { PoolingLayer } from './pooling.ts';
import { PowerLayer } from './power.ts';
import { PReLULayer } from './prelu.ts';
import { ReductionLayer } from './reduction.ts';
import { ReLULayer } from './relu.ts';
import { ReshapeLayer } from './reshape.ts';
import { ScaleLayer } from './scale.ts';
import { SigmoidLayer } from './sigmoid.ts';
import { SilenceLayer } from './silence.ts';
import { SliceLayer } from './slice.ts';
import { SoftmaxLayer } from './softmax.ts';
import { SoftmaxWithLossLayer } from './softmax-with-loss.ts';
import { SplitLayer } from './split.ts';
import { TanHLayer } from './tanh.ts';
import { ThresholdLayer } from './threshold.ts';
import { TileLayer } from './tile.ts';

/** The standard layers, by type; a registry is made of such lists: `new LayerRegistry(standardLayers)`. */
export const standardLayers: readonly LayerClass[] = [
  AbsValLayer,
  AccuracyLayer,
  ArgMaxLayer,
  BatchNormLayer,
  BiasLayer,
  BNLLLayer,
  ConcatLayer,
  ConvolutionLayer,
  CropLayer,
  DeconvolutionLayer,
  DropoutLayer,
  DummyDataLayer,
  EltwiseLayer,
  ELULayer,
  EuclideanLossLayer,
  ExpLayer,
  FlattenLayer,
  InnerProductLayer,
  InputLayer,
  LogLayer,
  LRNLayer,
  PoolingLayer,
  PowerLayer,
  PReLULayer,
  ReductionLayer,
  ReLULayer,
  ReshapeLayer,
  ScaleLayer,
  SigmoidLayer,
  SilenceLayer,
  SliceLayer,
  SoftmaxWithLossLayer,
  SoftmaxLayer,
  SplitLayer,
  TanHLayer,
  ThresholdLayer,
  TileLayer,
];
