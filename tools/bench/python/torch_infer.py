"""PyTorch on one net: torch_infer.py THREADS GRAPH WEIGHTS INPUT OUTPUT [LAYOUT]. The graph is src/nets/graph.ts's as JSON."""
import json
import sys

from protocol import faster, load, say, serve, torch_with

torch = torch_with(int(sys.argv[1]))
numpy = load("numpy")
functional = torch.nn.functional
with open(sys.argv[2]) as file:
    graph = json.load(file)
values = numpy.fromfile(sys.argv[3], dtype=numpy.float32)
pixels = torch.from_numpy(numpy.fromfile(sys.argv[4], dtype=numpy.float32)).reshape(graph["input"]["shape"])

NAMES = ["contiguous", "channels_last"]


def name_of(layout):
    return NAMES[layout == torch.channels_last]


def prepared(layout):
    steps = []
    for node in graph["nodes"]:
        weights = []
        for at, shape in node["weights"]:
            count = int(numpy.prod(shape))
            weight = torch.from_numpy(values[at : at + count].copy()).reshape(shape)
            weights.append(weight.contiguous(memory_format=layout) if len(shape) == 4 else weight)
        steps.append((node["op"], node["inputs"], node["output"], node["attributes"], weights))
    return layout, steps


def forward(net):
    layout, steps = net
    blobs = {graph["input"]["name"]: pixels.contiguous(memory_format=layout)}
    for op, inputs, output, a, w in steps:
        x = blobs[inputs[0]]
        if op == "Conv":
            bias = w[1] if len(w) > 1 else None
            y = functional.conv2d(x, w[0], bias, a["strides"], a["pads"][:2], a["dilations"], a["group"])
        elif op == "ConvTranspose":
            y = functional.conv_transpose2d(x, w[0], None, a["strides"], a["pads"][:2], 0, a["group"], a["dilations"])
        elif op == "Relu":
            y = functional.relu_(x)
        elif op == "MaxPool":
            y = functional.max_pool2d(x, a["kernel_shape"], a["strides"], a["pads"][:2], ceil_mode=True)
        elif op == "GlobalAveragePool":
            y = functional.adaptive_avg_pool2d(x, 1)
        elif op == "Add":
            y = x + blobs[inputs[1]]
        elif op == "Flatten":
            y = x.flatten(1)
        elif op == "Gemm":
            y = functional.linear(x, w[0], w[1])
        else:
            raise ValueError(op)
        blobs[output] = y
    return blobs[graph["output"]].contiguous()


with torch.inference_mode():
    layouts = [torch.contiguous_format, torch.channels_last]
    nets = [prepared(layout) for layout in layouts if name_of(layout) in (sys.argv[6:] or NAMES)]
    forward(nets[0]).numpy().tofile(sys.argv[5])
    name = lambda net: name_of(net[0])
    best, text = faster(nets, forward, name)

    def run(request):
        for _ in range(request["run"]):
            forward(best)

    say(layout=name(best), measured=text, version=torch.__version__)
    serve(run)
