import { NetText } from './net-text.ts';

function bottleneck(net: NetText, name: string, bottom: string, width: number, first: boolean, stride: number): string {
  const conv = (part: string, from: string, outputs: number, kernel: number, step: number, relu: boolean): string => {
    const made = net.convolution(`${name}_${part}`, from, outputs, kernel, {
      stride: step,
      pad: (kernel - 1) / 2,
      bias: false,
    });
    return net.normalize(made, relu);
  };
  const shortcut = first ? conv('branch1', bottom, 4 * width, 1, stride, false) : bottom;
  const a = conv('branch2a', bottom, width, 1, stride, true);
  const b = conv('branch2b', a, width, 3, 1, true);
  const c = conv('branch2c', b, 4 * width, 1, 1, false);
  return net.relu(net.layer('Eltwise', name, [shortcut, c]));
}

/** ResNet-50 (He et al. 2015), as its authors' prototxt: BatchNorm and Scale, stride in the first 1×1. */
export function resnet50({ size = 224 } = {}): string {
  const net = new NetText();
  const conv1 = net.normalize(net.convolution('conv1', net.image(size), 64, 7, { stride: 2, pad: 3, bias: false }));
  let bottom = net.pool('pool1', conv1, 'pool: MAX kernel_size: 3 stride: 2');
  for (const [stage, [width, blocks]] of [
    [64, 3],
    [128, 4],
    [256, 6],
    [512, 3],
  ].entries()) {
    for (let block = 0; block < blocks!; block++) {
      const stride = block === 0 && stage > 0 ? 2 : 1;
      bottom = bottleneck(net, `res${stage + 2}${'abcdef'[block]}`, bottom, width!, block === 0, stride);
    }
  }
  net.softmaxLoss('loss', net.innerProduct('fc1000', net.globalAverage('pool5', bottom), 1000));
  return net.toString();
}
