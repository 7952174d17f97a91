import { CaffeError } from '../errors/index.ts';
import type { ConvolutionParameter, LayerParameter } from '../generated/messages.ts';
import { create, has } from '../messages/message.ts';

/**
 * Checks the shape of the weights (blob 0) of a Convolution, Deconvolution or InnerProduct against what the layer says
 * of it: num_output and the kernel's sides. What the layer's input says is not known here.
 * @throws CaffeError 'bad-shape' where they do not fit.
 */
export function checkWeightsShape(layer: LayerParameter, shape: readonly number[]): void {
  const misfit = layer.type === 'InnerProduct' ? innerProductMisfit(layer, shape) : convolutionMisfit(layer, shape);
  if (misfit === undefined) return;
  throw new CaffeError({
    ...{ code: 'bad-shape', layer: layer.name, layerType: layer.type, field: 'blob 0' },
    problem: `has the shape ${shape.join(' × ')}, but ${misfit}`,
    fix: 'use the weights that were made with this net',
  });
}

function convolutionMisfit({ type, convolutionParam }: LayerParameter, shape: readonly number[]): string | undefined {
  if (type !== 'Convolution' && type !== 'Deconvolution') return undefined;
  const param = convolutionParam ?? create('ConvolutionParameter');
  const outputs = type === 'Convolution' ? shape[0] : (shape[1] ?? 1) * param.group;
  if (has(param, 'numOutput') && outputs !== param.numOutput) return `num_output is ${param.numOutput}`;
  const kernel = kernelOf(param, shape.length - 2);
  return kernel?.some((side, axis) => side !== shape[axis + 2]) ? `the kernel is ${kernel.join(' × ')}` : undefined;
}

/** Sides of a kernel over `axes` axes; undefined where the layer does not say so many. */
function kernelOf(param: ConvolutionParameter, axes: number): number[] | undefined {
  const { kernelSize, kernelH = 0, kernelW = 0 } = param;
  if (axes <= 0) return undefined;
  if (has(param, 'kernelH') || has(param, 'kernelW')) return axes === 2 ? [kernelH, kernelW] : undefined;
  if (kernelSize.length === 1) return Array.from({ length: axes }, () => kernelSize[0]!);
  return kernelSize.length === axes ? kernelSize : undefined;
}

function innerProductMisfit(
  { innerProductParam: param }: LayerParameter,
  shape: readonly number[],
): string | undefined {
  if (param === undefined || !has(param, 'numOutput')) return undefined;
  const outputs = param.transpose ? shape.at(-1) : shape.at(-2); // old files store 1 × 1 × out × in
  return outputs === param.numOutput ? undefined : `num_output is ${param.numOutput}`;
}
