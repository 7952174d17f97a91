import { NetText } from './net-text.ts';

/** Outputs of a module's branches: 1×1; 3×3 after its reduction; 5×5 after its reduction; pooling. */
const modules = {
  '3a': [64, 96, 128, 16, 32, 32],
  '3b': [128, 128, 192, 32, 96, 64],
  '4a': [192, 96, 208, 16, 48, 64],
  '4b': [160, 112, 224, 24, 64, 64],
  '4c': [128, 128, 256, 24, 64, 64],
  '4d': [112, 144, 288, 32, 64, 64],
  '4e': [256, 160, 320, 32, 128, 128],
  '5a': [256, 160, 320, 32, 128, 128],
  '5b': [384, 192, 384, 48, 128, 128],
} as const;

function inception(net: NetText, name: keyof typeof modules, bottom: string): string {
  const [one, threeReduce, three, fiveReduce, five, pool] = modules[name];
  const conv = (part: string, from: string, outputs: number, kernel: number): string =>
    net.relu(net.convolution(`inception_${name}/${part}`, from, outputs, kernel, { pad: (kernel - 1) / 2 }));
  const pooled = net.pool(`inception_${name}/pool`, bottom, 'pool: MAX kernel_size: 3 stride: 1 pad: 1');
  return net.concat(`inception_${name}/output`, [
    conv('1x1', bottom, one, 1),
    conv('3x3', conv('3x3_reduce', bottom, threeReduce, 1), three, 3),
    conv('5x5', conv('5x5_reduce', bottom, fiveReduce, 1), five, 5),
    conv('pool_proj', pooled, pool, 1),
  ]);
}

/** A classifier in the middle, which helps the gradient on its way. */
function auxiliary(net: NetText, name: string, bottom: string): void {
  const pooled = net.pool(`${name}/ave_pool`, bottom, 'pool: AVE kernel_size: 5 stride: 3');
  const conv = net.relu(net.convolution(`${name}/conv`, pooled, 128, 1));
  const fc = net.dropout(net.relu(net.innerProduct(`${name}/fc`, conv, 1024)), 0.7);
  net.softmaxLoss(`${name}/loss`, net.innerProduct(`${name}/classifier`, fc, 1000), 'loss_weight: 0.3');
}

/** GoogLeNet (Szegedy et al. 2015; Caffe's bvlc_googlenet), with both auxiliary classifiers. size: a multiple of 32. */
export function googlenet({ size = 224 } = {}): string {
  const net = new NetText();
  const pooling = 'pool: MAX kernel_size: 3 stride: 2';
  const conv1 = net.relu(net.convolution('conv1/7x7_s2', net.image(size), 64, 7, { stride: 2, pad: 3 }));
  const norm1 = net.lrn('pool1/norm1', net.pool('pool1', conv1, pooling));
  const reduced = net.relu(net.convolution('conv2/3x3_reduce', norm1, 64, 1));
  const conv2 = net.relu(net.convolution('conv2/3x3', reduced, 192, 3, { pad: 1 }));
  const two = net.pool('pool2', net.lrn('conv2/norm2', conv2), pooling);
  const three = net.pool('pool3', inception(net, '3b', inception(net, '3a', two)), pooling);
  const first = inception(net, '4a', three);
  auxiliary(net, 'loss1', first);
  const second = inception(net, '4d', inception(net, '4c', inception(net, '4b', first)));
  auxiliary(net, 'loss2', second);
  const four = net.pool('pool4', inception(net, '4e', second), pooling);
  const five = inception(net, '5b', inception(net, '5a', four));
  const pooled = net.dropout(net.pool('pool5', five, `pool: AVE kernel_size: ${size / 32} stride: 1`), 0.4);
  net.softmaxLoss('loss3', net.innerProduct('loss3/classifier', pooled, 1000));
  return net.toString();
}
