import { NetText } from './net-text.ts';

/** AlexNet (Krizhevsky et al. 2012; Caffe's bvlc_alexnet): groups, normalisation across channels, dropout. */
export function alexnet({ size = 227 } = {}): string {
  const net = new NetText();
  const pooling = 'pool: MAX kernel_size: 3 stride: 2';
  const conv1 = net.relu(net.convolution('conv1', net.image(size), 96, 11, { stride: 4 }));
  const pool1 = net.pool('pool1', net.lrn('norm1', conv1), pooling);
  const conv2 = net.relu(net.convolution('conv2', pool1, 256, 5, { pad: 2, group: 2 }));
  const pool2 = net.pool('pool2', net.lrn('norm2', conv2), pooling);
  const conv3 = net.relu(net.convolution('conv3', pool2, 384, 3, { pad: 1 }));
  const conv4 = net.relu(net.convolution('conv4', conv3, 384, 3, { pad: 1, group: 2 }));
  const conv5 = net.relu(net.convolution('conv5', conv4, 256, 3, { pad: 1, group: 2 }));
  const fc6 = net.dropout(net.relu(net.innerProduct('fc6', net.pool('pool5', conv5, pooling), 4096)), 0.5);
  const fc7 = net.dropout(net.relu(net.innerProduct('fc7', fc6, 4096)), 0.5);
  net.softmaxLoss('loss', net.innerProduct('fc8', fc7, 1000));
  return net.toString();
}
