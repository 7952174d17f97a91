import { NetText } from './net-text.ts';

/** ResNet-50 (He et al. 2015, as in its Caffe release: strides in the first 1×1), for ImageNet, without its softmax. */
export function resNet50(batch: number): string {
  const net = new NetText('ResNet-50', [batch, 3, 224, 224]);
  let top = net.maxPool('pool1', net.conv('conv1', 'data', { output: 64, kernel: 7, stride: 2 }), 3, 2);
  for (const [i, blocks] of [3, 4, 6, 3].entries()) {
    for (let block = 0; block < blocks; block++) {
      top = bottleneck(net, `res${i + 2}${'abcdef'[block]}`, top, 64 * 2 ** i, block > 0 ? 0 : i === 0 ? 1 : 2);
    }
  }
  net.innerProduct('fc1000', net.globalPool('pool5', top), 1000);
  return net.toString();
}

/** 1×1, 3×3, 1×1 beside an identity, or beside a 1×1 of that stride where `projection` is not 0. */
function bottleneck(net: NetText, name: string, bottom: string, width: number, projection: number): string {
  const stride = projection === 0 ? 1 : projection;
  const output = 4 * width;
  let short = bottom;
  if (projection > 0) short = net.conv(`${name}_branch1`, bottom, { output, kernel: 1, stride, relu: false });
  let top = net.conv(`${name}_branch2a`, bottom, { output: width, kernel: 1, stride });
  top = net.conv(`${name}_branch2b`, top, { output: width, kernel: 3 });
  top = net.conv(`${name}_branch2c`, top, { output, kernel: 1, relu: false });
  return net.relu(net.sum(name, [short, top]));
}
