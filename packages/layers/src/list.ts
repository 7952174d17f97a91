import type { LayerClass } from '@jacinto/net';
import { AbsValLayer } from './abs-val.ts';
import { AccuracyLayer } from './accuracy.ts';
import { ArgMaxLayer } from './arg-max.ts';
import { AxpyLayer } from './axpy.ts';
import { BatchNormLayer } from './batch-norm.ts';
import { BatchReindexLayer } from './batch-reindex.ts';
import { BiasLayer } from './bias.ts';
import { BNLLLayer } from './bnll.ts';
import { ConcatLayer } from './concat.ts';
import { ContrastiveLossLayer } from './contrastive-loss.ts';
import { ConvolutionLayer } from './convolution.ts';
import { CropLayer } from './crop.ts';
import { DeconvolutionLayer } from './deconvolution.ts';
import { DropoutLayer } from './dropout.ts';
import { DummyDataLayer } from './dummy-data.ts';
import { EltwiseLayer } from './eltwise.ts';
import { ELULayer } from './elu.ts';
import { EmbedLayer } from './embed.ts';
import { EuclideanLossLayer } from './euclidean-loss.ts';
import { ExpLayer } from './exp.ts';
import { FilterLayer } from './filter.ts';
import { FlattenLayer } from './flatten.ts';
import { HingeLossLayer } from './hinge-loss.ts';
import { Im2colLayer } from './im2col.ts';
import { InfogainLossLayer } from './infogain-loss.ts';
import { InnerProductLayer } from './inner-product.ts';
import { InputLayer } from './input.ts';
import { L1LossLayer } from './l1-loss.ts';
import { LogLayer } from './log.ts';
import { LRNLayer } from './lrn.ts';
import { LSTMLayer } from './lstm.ts';
import { LSTMUnitLayer } from './lstm-unit.ts';
import { MultinomialLogisticLossLayer } from './multinomial-logistic-loss.ts';
import { MVNLayer } from './mvn.ts';
import { ParameterLayer } from './parameter.ts';
import { PermuteLayer } from './permute.ts';
import { PoolingLayer } from './pooling.ts';
import { PowerLayer } from './power.ts';
import { PReLULayer } from './prelu.ts';
import { PythonLayer } from './python.ts';
import { ReductionLayer } from './reduction.ts';
import { ReLULayer } from './relu.ts';
import { ReshapeLayer } from './reshape.ts';
import { RNNLayer } from './rnn.ts';
import { ScaleLayer } from './scale.ts';
import { SigmoidLayer } from './sigmoid.ts';
import { SigmoidCrossEntropyLossLayer } from './sigmoid-cross-entropy-loss.ts';
import { SilenceLayer } from './silence.ts';
import { SliceLayer } from './slice.ts';
import { SmoothL1LossLayer } from './smooth-l1-loss.ts';
import { SoftmaxLayer } from './softmax.ts';
import { SoftmaxWithLossLayer } from './softmax-with-loss.ts';
import { SplitLayer } from './split.ts';
import { SPPLayer } from './spp.ts';
import { TanHLayer } from './tanh.ts';
import { ThresholdLayer } from './threshold.ts';
import { TileLayer } from './tile.ts';

/** The standard layers, by type; a registry is made of such lists: `new LayerRegistry(standardLayers)`. */
export const standardLayers: readonly LayerClass[] = [
  AbsValLayer,
  AccuracyLayer,
  ArgMaxLayer,
  AxpyLayer,
  BatchNormLayer,
  BatchReindexLayer,
  BiasLayer,
  BNLLLayer,
  ConcatLayer,
  ContrastiveLossLayer,
  ConvolutionLayer,
  CropLayer,
  DeconvolutionLayer,
  DropoutLayer,
  DummyDataLayer,
  EltwiseLayer,
  ELULayer,
  EmbedLayer,
  EuclideanLossLayer,
  ExpLayer,
  FilterLayer,
  FlattenLayer,
  HingeLossLayer,
  Im2colLayer,
  InfogainLossLayer,
  InnerProductLayer,
  InputLayer,
  L1LossLayer,
  LogLayer,
  LRNLayer,
  LSTMUnitLayer,
  LSTMLayer,
  MultinomialLogisticLossLayer,
  MVNLayer,
  ParameterLayer,
  PermuteLayer,
  PoolingLayer,
  PowerLayer,
  PReLULayer,
  PythonLayer,
  ReductionLayer,
  ReLULayer,
  ReshapeLayer,
  RNNLayer,
  ScaleLayer,
  SigmoidCrossEntropyLossLayer,
  SigmoidLayer,
  SilenceLayer,
  SliceLayer,
  SmoothL1LossLayer,
  SoftmaxWithLossLayer,
  SoftmaxLayer,
  SplitLayer,
  SPPLayer,
  TanHLayer,
  ThresholdLayer,
  TileLayer,
];
