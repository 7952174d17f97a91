import { NetText } from './net-text.ts';

function fire(net: NetText, number: number, bottom: string, squeeze: number, expand: number): string {
  const name = `fire${number}`;
  const squeezed = net.relu(net.convolution(`${name}/squeeze1x1`, bottom, squeeze, 1));
  return net.concat(`${name}/concat`, [
    net.relu(net.convolution(`${name}/expand1x1`, squeezed, expand, 1)),
    net.relu(net.convolution(`${name}/expand3x3`, squeezed, expand, 3, { pad: 1 })),
  ]);
}

/** SqueezeNet v1.1 (Iandola et al. 2016). */
export function squeezenet({ size = 227 } = {}): string {
  const net = new NetText();
  const pooling = 'pool: MAX kernel_size: 3 stride: 2';
  const conv1 = net.relu(net.convolution('conv1', net.image(size), 64, 3, { stride: 2 }));
  const three = fire(net, 3, fire(net, 2, net.pool('pool1', conv1, pooling), 16, 64), 16, 64);
  const five = fire(net, 5, fire(net, 4, net.pool('pool3', three, pooling), 32, 128), 32, 128);
  const seven = fire(net, 7, fire(net, 6, net.pool('pool5', five, pooling), 48, 192), 48, 192);
  const nine = net.dropout(fire(net, 9, fire(net, 8, seven, 64, 256), 64, 256), 0.5);
  const conv10 = net.relu(net.convolution('conv10', nine, 1000, 1));
  net.softmaxLoss('loss', net.globalAverage('pool10', conv10));
  return net.toString();
}
