import { NetText } from './net-text.ts';

/** Output channels and stride of the thirteen depthwise-separable pairs at width 1. */
const pairs = [
  ...[
    [64, 1],
    [128, 2],
    [128, 1],
    [256, 2],
    [256, 1],
    [512, 2],
  ],
  ...[
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [512, 1],
    [1024, 2],
    [1024, 1],
  ],
] as const;

/** MobileNet v1 at a width of one half (MobileNet-0.5), for ImageNet, without its softmax. */
export function mobileNetHalf(batch: number): string {
  const net = new NetText('MobileNet-0.5', [batch, 3, 224, 224]);
  let channels = 16;
  let top = net.conv('conv1', 'data', { output: channels, kernel: 3, stride: 2 });
  for (const [i, [width, stride]] of pairs.entries()) {
    top = net.conv(`conv${i + 2}/dw`, top, { output: channels, kernel: 3, stride: stride!, group: channels });
    channels = width! / 2;
    top = net.conv(`conv${i + 2}/sep`, top, { output: channels, kernel: 1 });
  }
  net.conv('fc', net.globalPool('pool', top), { output: 1000, kernel: 1, relu: false });
  return net.toString();
}
