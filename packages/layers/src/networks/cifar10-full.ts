import { NetText } from './net-text.ts';

const withinChannel = 'local_size: 3 alpha: 0.00005 beta: 0.75 norm_region: WITHIN_CHANNEL';

/** Caffe's cifar10_full for 32 × 32 pictures: maximum and average pooling, normalisation within channels. */
export function cifar10Full(): string {
  const net = new NetText();
  const conv1 = net.convolution('conv1', net.image(32), 32, 5, { pad: 2 });
  const pool1 = net.relu(net.pool('pool1', conv1, 'pool: MAX kernel_size: 3 stride: 2'));
  const norm1 = net.lrn('norm1', pool1, withinChannel);
  const conv2 = net.relu(net.convolution('conv2', norm1, 32, 5, { pad: 2 }));
  const pool2 = net.pool('pool2', conv2, 'pool: AVE kernel_size: 3 stride: 2');
  const norm2 = net.lrn('norm2', pool2, withinChannel);
  const conv3 = net.relu(net.convolution('conv3', norm2, 64, 5, { pad: 2 }));
  const pool3 = net.pool('pool3', conv3, 'pool: AVE kernel_size: 3 stride: 2');
  net.softmaxLoss('loss', net.innerProduct('ip1', pool3, 10));
  return net.toString();
}
