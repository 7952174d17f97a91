import { residualPair } from './jacintonet11.ts';
import { NetText } from './net-text.ts';

/** JSegNet21 v2 for Cityscapes, from caffe-jacinto-models, without its ArgMax: scores of 8 classes a pixel. */
export function jSegNet21(size: number): string {
  const net = new NetText('JSegNet21', [1, 3, size, size]);
  let top = net.conv('conv1a', 'data', { output: 32, kernel: 5, stride: 2 });
  top = net.conv('conv1b', top, { output: 32, kernel: 3, group: 4 });
  top = residualPair(net, 2, net.maxPool('pool1', top, 2, 2));
  const stage3 = residualPair(net, 3, net.maxPool('pool2', top, 2, 2));
  top = residualPair(net, 4, net.maxPool('pool3', stage3, 2, 2));
  top = residualPair(net, 5, top, 2);
  const out5 = net.upsample('out5a_up2', net.conv('out5a', top, { output: 64, kernel: 3, dilation: 4, group: 2 }), 64);
  const out3 = net.conv('out3a', stage3, { output: 64, kernel: 3, group: 2 });
  top = net.sum('out3_out5_combined', [out5, out3]);
  top = net.conv('ctx_conv1', top, { output: 64, kernel: 3 });
  for (const i of [2, 3, 4]) top = net.conv(`ctx_conv${i}`, top, { output: 64, kernel: 3, dilation: 4 });
  top = net.conv('ctx_final', top, { output: 8, kernel: 3 });
  for (const factor of [2, 4, 8]) top = net.upsample(`out_deconv_final_up${factor}`, top, 8);
  return net.toString();
}
