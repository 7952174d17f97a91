"""PyTorch on JacintoNet11's training step: torch_train.py THREADS WEIGHTS INPUTS [LAYOUT]. Our weights, pictures and labels."""
import sys

from protocol import faster, load, say, serve, torch_with

torch = torch_with(int(sys.argv[1]))
numpy = load("numpy")
nn = torch.nn
weights = torch.from_numpy(numpy.fromfile(sys.argv[2], dtype=numpy.float32))
inputs = torch.from_numpy(numpy.fromfile(sys.argv[3], dtype=numpy.float32))
batch = inputs.numel() // (3 * 32 * 32 + 1)
pictures = inputs[: batch * 3 * 32 * 32].reshape(batch, 3, 32, 32)
labels = inputs[batch * 3 * 32 * 32 :].long()


def conv(i, o, kernel, group):
    norm = nn.BatchNorm2d(o, eps=1e-4, momentum=0.01)
    return [nn.Conv2d(i, o, kernel, padding=(kernel - 1) // 2, groups=group), norm, nn.ReLU(inplace=True)]


class Step:
    """The net and its optimiser in one memory layout."""

    def __init__(self, name, layout):
        self.name = name
        stages = [*conv(3, 32, 5, 1), *conv(32, 32, 3, 4), *conv(32, 64, 3, 1), *conv(64, 64, 3, 4), nn.MaxPool2d(2)]
        stages += [*conv(64, 128, 3, 1), *conv(128, 128, 3, 4), *conv(128, 256, 3, 1), *conv(256, 256, 3, 4)]
        stages += [nn.MaxPool2d(2), *conv(256, 512, 3, 1), *conv(512, 512, 3, 4)]
        self.net = nn.Sequential(*stages, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))
        groups, at = [], 0
        for module in self.net:
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                for value in (module.weight, module.bias):
                    with torch.no_grad():
                        value.copy_(weights[at : at + value.numel()].reshape(value.shape))
                    at += value.numel()
                groups += [{"params": [module.weight]}, {"params": [module.bias], "lr": 0.02, "weight_decay": 0}]
            elif isinstance(module, nn.BatchNorm2d):
                groups.append({"params": list(module.parameters())})
        assert at == weights.numel(), f"{weights.numel()} weights, not {at}"
        self.net = self.net.to(memory_format=layout)
        self.pictures = pictures.contiguous(memory_format=layout)
        self.optimizer = torch.optim.SGD(groups, lr=0.01, momentum=0.9, weight_decay=1e-4)
        self.loss = nn.CrossEntropyLoss()

    def forward(self):
        return self.loss(self.net(self.pictures - 128), labels)

    def backward(self):
        self.optimizer.zero_grad()
        loss = self.forward()
        loss.backward()
        return loss

    def step(self):
        loss = self.backward()
        self.optimizer.step()
        return loss


layouts = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}
steps = [Step(name, layouts[name]) for name in sys.argv[4:] or layouts]
losses = [float(steps[0].step()) for _ in range(4)]
best, text = faster(steps, Step.step, lambda step: step.name)


def run(request):
    part = getattr(best, request["part"])
    for _ in range(request["run"]):
        part()


say(losses=losses, measured=text, version=torch.__version__)
serve(run)
