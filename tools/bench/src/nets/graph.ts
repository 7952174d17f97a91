import type { Net } from '@jacinto/net';
import type { ConvolutionParameter, LayerParameter, PoolingParameter } from '@jacinto/proto';

/** What our nets become for a peer: ONNX's operators and attributes, each blob written once. */
export interface Graph {
  name: string;
  input: { name: string; shape: number[] };
  output: string;
  nodes: GraphNode[];
}

export interface GraphNode {
  op: 'Conv' | 'ConvTranspose' | 'Relu' | 'MaxPool' | 'GlobalAveragePool' | 'Add' | 'Flatten' | 'Gemm';
  name: string;
  inputs: string[];
  output: string;
  attributes: Record<string, number | number[]>;
  weights: { shape: number[]; values: Float32Array }[];
}

/** The layers of a net with one input and one output, with the weights that it has now. @throws for a layer it lacks. */
export function graphOf(net: Net): Graph {
  const input = net.inputs[0]!;
  const nodes: GraphNode[] = [];
  /** Who wrote a blob last: layers in place, and the copies of a Split, have names of their own in the graph. */
  const written = new Map([[input.name, input.name]]);
  for (const { layer, name, type, bottomNames, topNames } of net.layers) {
    if (type === 'Input') continue;
    const inputs = bottomNames.map((bottom) => written.get(bottom)!);
    if (type === 'Split') {
      for (const top of topNames) written.set(top, inputs[0]!);
      continue;
    }
    const weights = layer.blobs.map(({ shape, data }) => ({ shape: [...shape], values: data.hostRead().slice() }));
    let from = inputs;
    for (const [i, { op, attributes }] of operatorsOf(layer.layerParam).entries()) {
      const output = i === 0 ? name : `${name}/${op}`;
      nodes.push({ op, name: output, inputs: from, output, attributes, weights: op === 'Flatten' ? [] : weights });
      from = [output];
    }
    written.set(topNames[0]!, from[0]!);
  }
  const output = written.get(net.outputs[0]!.name)!;
  return { name: net.name, input: { name: input.name, shape: [...input.tensor.shape] }, output, nodes };
}

type Operator = Pick<GraphNode, 'op' | 'attributes'>;

function operatorsOf(layer: LayerParameter): Operator[] {
  switch (layer.type) {
    case 'Convolution':
      return [{ op: 'Conv', attributes: windowOf(layer.convolutionParam!) }];
    case 'Deconvolution':
      return [{ op: 'ConvTranspose', attributes: windowOf(layer.convolutionParam!) }];
    case 'ReLU':
      return [{ op: 'Relu', attributes: {} }];
    case 'Pooling':
      return [poolingOf(layer.poolingParam!)];
    case 'Eltwise':
      return [{ op: 'Add', attributes: {} }];
    case 'InnerProduct':
      return [
        { op: 'Flatten', attributes: { axis: 1 } },
        { op: 'Gemm', attributes: { transB: 1 } },
      ];
    default:
      throw new Error(`layer "${layer.name}": ${layer.type} has no operator in the bench's export`);
  }
}

function windowOf({ kernelSize, stride, pad, dilation, group }: ConvolutionParameter): Operator['attributes'] {
  const both = (values: readonly number[], otherwise: number) => [values[0] ?? otherwise, values[0] ?? otherwise];
  const pads = both(pad, 0);
  return {
    kernel_shape: both(kernelSize, 1),
    strides: both(stride, 1),
    pads: [...pads, ...pads],
    dilations: both(dilation, 1),
    group,
  };
}

function poolingOf({ globalPooling, kernelSize = 1, stride, pad }: PoolingParameter): Operator {
  if (globalPooling) return { op: 'GlobalAveragePool', attributes: {} };
  const pads = [pad, pad, pad, pad];
  const attributes = { kernel_shape: [kernelSize, kernelSize], strides: [stride, stride], pads, ceil_mode: 1 };
  return { op: 'MaxPool', attributes };
}
