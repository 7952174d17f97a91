import { NetText } from './net-text.ts';

/** JacintoNet11 v2 for ImageNet, from caffe-jacinto-models, without its softmax. */
export function jacintoNet11(batch: number): string {
  const net = new NetText('JacintoNet11', [batch, 3, 224, 224]);
  let top = net.conv('conv1a', 'data', { output: 32, kernel: 5, stride: 2 });
  top = net.conv('conv1b', top, { output: 32, kernel: 3, group: 4 });
  top = net.maxPool('pool1', top, 2, 2);
  for (const stage of [2, 3, 4, 5]) {
    top = residualPair(net, stage, top);
    if (stage < 5) top = net.maxPool(`pool${stage}`, top, 2, 2);
  }
  net.innerProduct('fc1000', net.globalPool('pool5', top), 1000);
  return net.toString();
}

/** Stage 2 to 5 of JacintoNet: a convolution to 2^(stage+4) channels, and one in four groups. */
export function residualPair(net: NetText, stage: number, bottom: string, dilation = 1): string {
  const output = 2 ** (stage + 4);
  const first = net.conv(`res${stage}a_branch2a`, bottom, { output, kernel: 3, dilation });
  return net.conv(`res${stage}a_branch2b`, first, { output, kernel: 3, dilation, group: 4 });
}
