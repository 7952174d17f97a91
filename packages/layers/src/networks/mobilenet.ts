import { NetText } from './net-text.ts';

/** Outputs and stride of the separable convolutions. */
const blocks = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/** MobileNet v1 (Howard et al. 2017): depthwise convolutions, one group a channel. */
export function mobilenet({ size = 224 } = {}): string {
  const net = new NetText();
  let channels = 32;
  let bottom = net.normalize(
    net.convolution('conv1', net.image(size), channels, 3, { stride: 2, pad: 1, bias: false }),
  );
  for (const [i, [outputs, stride]] of blocks.entries()) {
    const depthwise = { stride, pad: 1, group: channels, bias: false };
    const deep = net.normalize(net.convolution(`conv${i + 2}/dw`, bottom, channels, 3, depthwise));
    bottom = net.normalize(net.convolution(`conv${i + 2}/sep`, deep, outputs, 1, { bias: false }));
    channels = outputs;
  }
  net.softmaxLoss('loss', net.convolution('fc7', net.globalAverage('pool6', bottom), 1000, 1));
  return net.toString();
}
