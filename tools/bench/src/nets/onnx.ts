import protobuf from 'protobufjs';
import type { Graph, GraphNode } from './graph.ts';

/** The part of ONNX's schema (onnx.proto, IR version 8) that our files need. */
const schema = `syntax = "proto3";
message ModelProto { int64 ir_version = 1; string producer_name = 2; GraphProto graph = 7; repeated OperatorSetIdProto opset_import = 8; }
message OperatorSetIdProto { string domain = 1; int64 version = 2; }
message GraphProto { repeated NodeProto node = 1; string name = 2; repeated TensorProto initializer = 5; repeated ValueInfoProto input = 11; repeated ValueInfoProto output = 12; }
message NodeProto { repeated string input = 1; repeated string output = 2; string name = 3; string op_type = 4; repeated AttributeProto attribute = 5; }
message AttributeProto { string name = 1; int64 i = 3; repeated int64 ints = 8 [packed = false]; int32 type = 20; }
message TensorProto { repeated int64 dims = 1 [packed = false]; int32 data_type = 2; string name = 8; bytes raw_data = 9; }
message ValueInfoProto { string name = 1; TypeProto type = 2; }
message TypeProto { TensorTypeProto tensor_type = 1; }
message TensorTypeProto { int32 elem_type = 1; TensorShapeProto shape = 2; }
message TensorShapeProto { repeated DimensionProto dim = 1; }
message DimensionProto { int64 dim_value = 1; }`;

const float = 1; // TensorProto.DataType.FLOAT
const attributeTypes = { int: 2, ints: 7 };

/** The graph as the bytes of an ONNX file, operator set 13. */
export function onnxBytes(graph: Graph): Uint8Array {
  const model = protobuf.parse(schema, { keepCase: true }).root.lookupType('ModelProto');
  return model.encode(model.create(messageOf(graph))).finish();
}

function messageOf({ name, input, output, nodes }: Graph): object {
  return {
    ir_version: 8,
    producer_name: 'jacinto bench',
    opset_import: [{ domain: '', version: 13 }],
    graph: {
      name,
      node: nodes.map(nodeOf),
      initializer: nodes.flatMap((node) =>
        node.weights.map(({ shape, values }, i) => ({
          dims: shape,
          data_type: float,
          name: weightName(node, i),
          raw_data: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
        })),
      ),
      input: [{ name: input.name, type: typeOf(input.shape) }],
      output: [{ name: output, type: { tensor_type: { elem_type: float } } }],
    },
  };
}

function nodeOf(node: GraphNode): object {
  return {
    input: [...node.inputs, ...node.weights.map((_, i) => weightName(node, i))],
    output: [node.output],
    name: node.name,
    op_type: node.op,
    attribute: Object.entries(node.attributes).map(([name, value]) =>
      typeof value === 'number'
        ? { name, i: value, type: attributeTypes.int }
        : { name, ints: value, type: attributeTypes.ints },
    ),
  };
}

function weightName(node: GraphNode, index: number): string {
  return `${node.name}.${index === 0 ? 'weight' : 'bias'}`;
}

function typeOf(shape: readonly number[]): object {
  return { tensor_type: { elem_type: float, shape: { dim: shape.map((dim_value) => ({ dim_value })) } } };
}
