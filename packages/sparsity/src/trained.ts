import type { Tensor } from '@jacinto/core-tensor';
import type { LayerParameter, SolverParameter } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto';
import type { ConvolutionWeights } from './convolution.ts';
import { isSoftmax, paramNameOf } from './model.ts';

// What the plug-in needs of a net and a solver; those of @jacinto/net and @jacinto/solvers-mixed have it.

export interface TrainedLayer {
  readonly name: string;
  readonly type: string;
  readonly layer: { readonly blobs: readonly Tensor[]; readonly layerParam: LayerParameter };
}

export interface TrainedNet {
  readonly layers: readonly TrainedLayer[];
}

export interface TrainedSolver {
  readonly iter: number;
  readonly param: SolverParameter;
  readonly net: TrainedNet;
}

/** A convolution of a running net: its values are the net's own memory, to be changed in place. */
export interface RunningConvolution extends ConvolutionWeights {
  tensor: Tensor;
}

/** The Convolution layers of a running net, their values brought to the host. */
export async function runningConvolutions({ layers }: TrainedNet): Promise<RunningConvolution[]> {
  const found: RunningConvolution[] = [];
  for (const [index, { name, type, layer }] of layers.entries()) {
    const tensor = layer.blobs[0];
    if (type !== 'Convolution' || tensor === undefined) continue;
    const values = await tensor.data.read();
    if (!(values instanceof Float32Array)) {
      throw new CaffeError({ code: 'unsupported', layer: name, problem: 'has weights that are not float32' });
    }
    found.push({
      ...{ layer: name, paramName: paramNameOf(layer.layerParam), shape: tensor.shape, tensor, values },
      group: layer.layerParam.convolutionParam?.group ?? 1,
      counted: !isSoftmax(layers[index + 1]?.type),
    });
  }
  return found;
}
