/** The weights of a Convolution layer. */
export interface ConvolutionWeights {
  layer: string;
  /** The weights' name: that of the layer's first `param`, else "0" (Caffe: param_display_names). */
  paramName: string;
  /** O, I / group, kernel height, kernel width (more or fewer kernel axes may be). */
  shape: readonly number[];
  group: number;
  /** Whether it counts in tables and totals: not where a Softmax or SoftmaxWithLoss comes right after it. */
  counted: boolean;
  /** In C order. */
  values: Float32Array;
}

/** Fractions of zeros aimed at, by the layer's size. */
export interface Fractions {
  /** Fewer than 32 inputs or fewer than 32 outputs. */
  low: number;
  /** From 32 inputs and 32 outputs. */
  mid: number;
  /** From 256 inputs and 512 outputs. */
  high: number;
}

/** Inputs and outputs of a convolution, all groups together. */
export function channelsOf({ shape, group }: Pick<ConvolutionWeights, 'shape' | 'group'>): {
  inputs: number;
  outputs: number;
} {
  if (shape.length === 1) return { inputs: shape[0]! * group, outputs: shape[0]! };
  return { inputs: (shape[1] ?? 1) * group, outputs: shape[0] ?? 1 };
}

/**
 * The fraction for a layer, or undefined where it stays dense: fewer than 32 inputs and outputs, depthwise, or a kernel
 * with a side under 3 (caffe-jacinto 0.17). `layerWise`: the rule of 0.16, which does not look at the kernel.
 */
export function fractionFor(
  convolution: Pick<ConvolutionWeights, 'shape' | 'group'>,
  { low, mid, high }: Fractions,
  { layerWise = false }: { layerWise?: boolean } = {},
): number | undefined {
  const { inputs, outputs } = channelsOf(convolution);
  const [, , height = 1, width = 1] = convolution.shape;
  if (inputs < 32 && outputs < 32) return undefined;
  if (convolution.group >= outputs || (!layerWise && (height <= 2 || width <= 2))) return undefined;
  if (inputs >= 256 && outputs >= 512) return high;
  return inputs >= 32 && outputs >= 32 ? mid : low;
}

/** The fractions of a factor f: f/2 for small layers, f for the others. */
export function fractionsOf(factor: number): Fractions {
  const f = Math.fround(factor);
  return { low: Math.fround(f / 2), mid: f, high: f };
}

/** How many values are 0. */
export function countZeros(values: ArrayLike<number>): number {
  let zeros = 0;
  for (let i = 0; i < values.length; i++) if (values[i] === 0) zeros++;
  return zeros;
}
