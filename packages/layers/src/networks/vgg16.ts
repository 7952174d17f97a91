import { NetText } from './net-text.ts';

/** The convolutional part of VGG-16: five stages, each with a pooling; gives the pooled tops of all stages. */
export function vggStages(net: NetText, data: string, { firstPad = 1, width = 1 } = {}): string[] {
  let bottom = data;
  return [
    [64, 2],
    [128, 2],
    [256, 3],
    [512, 3],
    [512, 3],
  ].map(([outputs, layers], stage) => {
    for (let i = 1; i <= layers!; i++) {
      const pad = stage === 0 && i === 1 ? firstPad : 1;
      bottom = net.relu(net.convolution(`conv${stage + 1}_${i}`, bottom, outputs! * width, 3, { pad }));
    }
    bottom = net.pool(`pool${stage + 1}`, bottom, 'pool: MAX kernel_size: 2 stride: 2');
    return bottom;
  });
}

/** VGG-16 (Simonyan and Zisserman 2014, configuration D). size: a multiple of 32. */
export function vgg16({ size = 224 } = {}): string {
  const net = new NetText();
  const features = vggStages(net, net.image(size)).at(-1)!;
  const fc6 = net.dropout(net.relu(net.innerProduct('fc6', features, 4096)), 0.5);
  const fc7 = net.dropout(net.relu(net.innerProduct('fc7', fc6, 4096)), 0.5);
  net.softmaxLoss('loss', net.innerProduct('fc8', fc7, 1000));
  return net.toString();
}
