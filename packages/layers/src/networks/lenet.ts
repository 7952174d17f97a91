import { NetText } from './net-text.ts';

/** LeNet for 28 × 28 digits (LeCun et al. 1998; Caffe's examples/mnist). */
export function lenet(): string {
  const net = new NetText();
  const conv1 = net.convolution('conv1', net.image(28, 1), 20, 5);
  const pool1 = net.pool('pool1', conv1, 'kernel_size: 2 stride: 2');
  const conv2 = net.convolution('conv2', pool1, 50, 5);
  const pool2 = net.pool('pool2', conv2, 'kernel_size: 2 stride: 2');
  const ip1 = net.relu(net.innerProduct('ip1', pool2, 500));
  const ip2 = net.innerProduct('ip2', ip1, 10);
  net.layer('Accuracy', 'accuracy', [ip2, 'label'], 'include { phase: TEST }');
  net.softmaxLoss('loss', ip2);
  return net.toString();
}
