import { CaffeError } from '@jacinto/proto/errors';
import type { Operations } from '../backend.ts';
import type { ConvolutionOperation, ConvolutionSpec } from '../operations/index.ts';
import { convolvedLength } from '../operations/index.ts';
import { countOf } from '../tensor.ts';
import { isMatrixProduct, matrixConvolution } from './convolution-matrix.ts';
import { backwardAxes, forwardAxes } from './convolution-plan.ts';
import { paysUpsample, upsample } from './convolution-upsample.ts';
import { type Side, walk } from './convolution-walk.ts';
import { weightGradients } from './convolution-weights.ts';
import { paysWinograd, winograd } from './convolution-winograd.ts';
import { winogradWeightGradients } from './convolution-winograd-weights.ts';
import { type Engine, elementGrain } from './engine.ts';
import { type SparseKernels, withSparseKernels } from './sparse-choice.ts';

export function convolutionOn(engine: Engine, sparseKernels: SparseKernels = false): Operations['convolution'] {
  return (spec) => {
    checkSpec(spec);
    if (isMatrixProduct(spec)) return matrixConvolution(engine, spec);
    const [batch, channels, ...source] = spec.x.shape as [number, number, ...number[]];
    const [outputs, groupChannels, ...kernel] = spec.w.shape as [number, number, ...number[]];
    const { group } = spec;
    const groupOutputs = outputs / group;
    const result = spec.y.shape.slice(2);
    const x: Side = { channels: groupChannels, plane: countOf(source) };
    const y: Side = { channels: groupOutputs, plane: countOf(result) };
    const kernelCount = countOf(kernel);
    const groupWeights = groupOutputs * groupChannels * kernelCount;
    const isEmpty = batch === 0 || x.plane === 0 || y.plane === 0 || channels === 0 || outputs === 0;
    const axes = forwardAxes(source, kernel, result, spec);

    const forwardLayout = {
      group: groupWeights,
      row: groupChannels * kernelCount,
      channel: kernelCount,
      kernel: kernelCount,
    };
    const backwardLayout = {
      group: groupWeights,
      row: kernelCount,
      channel: groupChannels * kernelCount,
      kernel: kernelCount,
    };
    const forwardShape = { batch, group, source: x, result: y, layout: forwardLayout };
    const backwardShape = { batch, group, source: y, result: x, layout: backwardLayout };
    const tiled = { ...forwardShape, sourceSize: source, resultSize: result, pad: spec.pad, turned: false };
    const forward = lazy(() =>
      paysWinograd(spec, forwardShape, result) ? winograd(engine, tiled) : walk(engine, axes, forwardShape),
    );
    const upsamples = paysUpsample(spec);
    const backward = lazy(() => {
      if (upsamples) return [upsample(engine, spec)];
      if (!paysWinograd(spec, backwardShape, source)) {
        return backwardAxes(axes).map((phase) => walk(engine, phase, backwardShape));
      }
      const pad = spec.pad.map((before) => 2 - before);
      return [winograd(engine, { ...backwardShape, sourceSize: result, resultSize: source, pad, turned: true })];
    });
    const someHaveNoTaps = lazy(
      () =>
        isEmpty ||
        (!upsamples &&
          backward().length < spec.stride.reduce((product, stride, i) => product * Math.min(stride, source[i]!), 1)),
    );
    const byTiles = lazy(() => !isEmpty && paysWinograd(spec, forwardShape, result));
    const tiledWeights = lazy(() => winogradWeightGradients(engine, tiled));
    const weights = lazy(() => weightGradients(engine, axes, { batch, group, x, y, layout: forwardLayout }));
    const clear = engine.job('fill', ['y', 'value'], batch * channels * x.plane, elementGrain);
    const biasGrain = Math.max(1, Math.ceil(elementGrain / Math.max(1, batch * y.plane)));
    const biasSlots = ['dy', 'db', 'batch', 'channels', 'plane', 'accumulate'] as const;
    const biasJob = engine.job('biasGradients', biasSlots, outputs, biasGrain);
    biasJob.i32.batch = batch;
    biasJob.i32.channels = outputs;
    biasJob.i32.plane = y.plane;
    const slope = spec.relu?.slope;

    const dense: ConvolutionOperation = {
      forward(xValues, w, b, yValues) {
        if (isEmpty) return;
        forward().run(xValues, w, spec.bias ? b : undefined, yValues, slope);
      },
      backwardData(dy, w, dx) {
        if (someHaveNoTaps()) {
          clear.address.y = dx.address;
          clear.run();
        }
        if (isEmpty) return;
        for (const phase of backward()) phase.run(dy, w, undefined, dx, undefined);
      },
      backwardWeights(xValues, dy, dw, db, { accumulate }) {
        if (dw !== undefined) {
          if (byTiles()) {
            tiledWeights().run(xValues, dy, dw, db, accumulate);
            return;
          }
          if (!isEmpty) weights().run(xValues, dy, dw, accumulate);
          else if (!accumulate) dw.hostWrite().fill(0);
        }
        if (db !== undefined) {
          biasJob.address.dy = dy.address;
          biasJob.address.db = db.address;
          biasJob.i32.accumulate = accumulate ? 1 : 0;
          biasJob.run();
        }
      },
    };
    return isEmpty ? dense : withSparseKernels(engine, spec, dense, sparseKernels);
  };
}

/** Prepared on first use: a net that only tests never plans its gradients. */
function lazy<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function checkSpec({ x, w, y, stride, pad, dilation, group }: ConvolutionSpec): void {
  const fail = (problem: string, fix?: string): never => {
    throw new CaffeError({ code: 'bad-shape', problem: `convolution: ${problem}`, fix });
  };
  const axes = x.shape.length - 2;
  if (axes < 0 || w.shape.length !== axes + 2 || y.shape.length !== axes + 2) {
    fail(`x (${x.shape}), w (${w.shape}) and y (${y.shape}) need the same number of axes, 2 at least`);
  }
  if (stride.length !== axes || pad.length !== axes || dilation.length !== axes) {
    fail(`stride, pad and dilation need ${axes} entries each`);
  }
  const [outputs, groupChannels] = [w.shape[0]!, w.shape[1]!];
  if (group < 1 || outputs % group !== 0 || x.shape[1] !== groupChannels * group) {
    fail(`${x.shape[1]} input and ${outputs} output channels do not fit ${group} groups of ${groupChannels} inputs`);
  }
  const expected = x.shape.slice(2).map((length, i) => {
    if (stride[i]! < 1 || dilation[i]! < 1 || pad[i]! < 0 || w.shape[i + 2]! < 1) {
      fail(`stride ${stride}, dilation ${dilation}, pad ${pad} or kernel ${w.shape.slice(2)} is too small`);
    }
    return Math.max(0, convolvedLength(length, w.shape[i + 2]!, stride[i]!, pad[i]!, dilation[i]!));
  });
  const wanted = [x.shape[0]!, outputs, ...expected];
  if (y.shape.some((length, i) => length !== wanted[i])) fail(`y is ${y.shape}`, `give it the shape ${wanted}`);
}
