import { createRegistry } from '@jacinto/caffe';
import { createCpuBackend } from '@jacinto/core-tensor';
import { Net } from '@jacinto/net';
import { Phase, parseText } from '@jacinto/proto';
import protobuf from 'protobufjs';
import { expect, it } from 'vitest';
import { type Graph, graphOf } from './nets/graph.ts';
import { jacintoNet11 } from './nets/jacintonet11.ts';
import { jSegNet21 } from './nets/jsegnet21.ts';
import { mobileNetHalf } from './nets/mobilenet.ts';
import { NetText } from './nets/net-text.ts';
import { onnxBytes } from './nets/onnx.ts';
import { resNet50 } from './nets/resnet50.ts';

async function built(text: string): Promise<{ graph: Graph; output: readonly number[]; params: number }> {
  const backend = await createCpuBackend({ threads: 1 });
  const options = { backend, registry: createRegistry(), phase: Phase.TEST, seed: 1 };
  const net = await Net.create(parseText('NetParameter', text), options);
  const found = { graph: graphOf(net), output: [...net.outputs[0]!.tensor.shape], params: net.memoryBytes.params / 4 };
  await net.dispose();
  await backend.dispose();
  return found;
}

// Parameters of the published nets, where each batch norm has become one bias a channel.
it.each([
  ['JacintoNet11', jacintoNet11(1), 2_869_768, [1, 1000]],
  ['MobileNet-0.5', mobileNetHalf(1), 1_326_120, [1, 1000, 1, 1]],
  ['ResNet-50', resNet50(1), 25_530_472, [1, 1000]],
  ['JSegNet21', jSegNet21(64), 2_694_952, [1, 8, 64, 64]],
])('builds %s', async (name, text, params, output) => {
  const net = await built(text.replaceAll(/\w+_filler \{[^}]*\}/g, '')); // filling 25 million weights takes long
  expect(net.output).toEqual(output);
  expect(net.graph.name).toBe(name);
  expect(net.params).toBe(params);
});

it('writes what a net computes as an ONNX graph, each blob written once', async () => {
  const text = new NetText('small', [1, 2, 5, 5]);
  const first = text.conv('a', 'data', { output: 2, kernel: 3 });
  const pooled = text.maxPool('p', text.sum('s', [first, 'data']), 3, 2);
  text.innerProduct('f', text.globalPool('g', pooled), 4);
  const { graph } = await built(text.toString());
  expect(graph.nodes.map(({ op, inputs, output }) => `${op}(${inputs}) ${output}`)).toEqual([
    'Conv(data) a',
    'Relu(a) a/relu',
    'Add(a/relu,data) s',
    'MaxPool(s) p',
    'GlobalAveragePool(p) g',
    'Flatten(g) f',
    'Gemm(f) f/Gemm',
  ]);
  expect(graph.output).toBe('f/Gemm');
  expect(graph.nodes[3]!.attributes).toEqual({
    kernel_shape: [3, 3],
    strides: [2, 2],
    pads: [0, 0, 0, 0],
    ceil_mode: 1,
  });

  // Read back by fields that ONNX's schema gives these numbers.
  const model = protobuf
    .parse(
      `syntax = "proto3";
      message M { int64 ir_version = 1; G graph = 7; }
      message G { repeated N node = 1; repeated T initializer = 5; }
      message N { repeated string input = 1; string op_type = 4; }
      message T { repeated int64 dims = 1; string name = 8; bytes raw_data = 9; }`,
      { keepCase: true },
    )
    .root.lookupType('M');
  const read = model.toObject(model.decode(onnxBytes(graph)), { longs: Number }) as {
    graph: { node: { input: string[] }[]; initializer: { name: string; dims: number[]; raw_data: Uint8Array }[] };
  };
  expect(read.graph.node[0]!.input).toEqual(['data', 'a.weight', 'a.bias']);
  const weight = read.graph.initializer[0]!;
  expect([weight.name, weight.dims, weight.raw_data.length]).toEqual(['a.weight', [2, 2, 3, 3], 4 * 36]);
});

it('says which layer has no operator', async () => {
  const text = new NetText('odd', [1, 2, 3, 3]);
  text.layer('odd', 'AbsVal', ['data']);
  await expect(built(text.toString())).rejects.toThrow('layer "odd": AbsVal has no operator in the bench\'s export');
});
