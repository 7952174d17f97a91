import type { Tensor } from '@jacinto/core-tensor';
import type { LayerParameter } from '@jacinto/proto';

/** Multiply-accumulates of one layer for one picture. */
export interface LayerWork {
  name: string;
  type: string;
  /** Learned weights that are multiplied by, biases left out. */
  weights: number;
  /** With every weight. */
  dense: number;
  /** Without the weights that are 0: what an engine that skips zeros has left to do. */
  left: number;
}

/** What is used of a layer of a net. */
export interface WorkingLayer {
  readonly name: string;
  readonly type: string;
  readonly bottoms: readonly Pick<Tensor, 'shape'>[];
  readonly tops: readonly Pick<Tensor, 'shape'>[];
  readonly layer: {
    readonly layerParam: LayerParameter;
    readonly blobs: readonly {
      readonly data: { read(): ArrayLike<number> | Promise<ArrayLike<number>> };
    }[];
  };
}

/**
 * Multiply-accumulates of a net's Convolution, Deconvolution and InnerProduct layers, for one picture (one entry of
 * axis 0), in the net's order. Every weight counts once at each place it is laid on, padding included.
 */
export async function multiplyAccumulates(layers: readonly WorkingLayer[]): Promise<LayerWork[]> {
  const work: LayerWork[] = [];
  for (const { name, type, bottoms, tops, layer } of layers) {
    const [weights] = layer.blobs;
    if (weights === undefined || !(type in axisOf)) continue;
    const places = bottoms.reduce(
      (sum, bottom, i) => sum + placesOf(type as WorkingType, layer.layerParam, bottom.shape, tops[i]!.shape),
      0,
    );
    const values = await weights.data.read();
    work.push({
      ...{ name, type, weights: values.length, dense: values.length * places },
      left: nonzero(values) * places,
    });
  }
  return work;
}

const axisOf = {
  Convolution: ({ convolutionParam }: LayerParameter) => convolutionParam?.axis ?? 1,
  Deconvolution: ({ convolutionParam }: LayerParameter) => convolutionParam?.axis ?? 1,
  InnerProduct: ({ innerProductParam }: LayerParameter) => innerProductParam?.axis ?? 1,
};

type WorkingType = keyof typeof axisOf;

/** How often one weight is used for one picture: at each output of a convolution, each input of a deconvolution. */
function placesOf(type: WorkingType, param: LayerParameter, bottom: readonly number[], top: readonly number[]): number {
  const given = axisOf[type](param);
  const shape = type === 'Convolution' ? top : bottom;
  const axis = given < 0 ? given + bottom.length : given;
  const before = product(shape.slice(1, Math.max(1, axis)));
  return type === 'InnerProduct' ? before : before * product(shape.slice(axis + 1));
}

const product = (shape: readonly number[]): number => shape.reduce((all, one) => all * one, 1);

function nonzero(values: ArrayLike<number>): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
  return count;
}
