import { NetText } from './net-text.ts';
import { vggStages } from './vgg16.ts';

const classes = 21;

/**
 * FCN-8s (Long et al. 2015, trained at once): VGG-16 with convolutions in place of its inner products, scores of three
 * stages joined by upsampling and cropping. `width` multiplies all numbers of channels but those of the scores.
 */
export function fcn8s({ size = 500, width = 1 } = {}): string {
  const net = new NetText();
  net.input('label', [1, 1, size, size]);
  const data = net.input('data', [1, 3, size, size]);
  const stages = vggStages(net, data, { firstPad: 100, width });
  const [pool3, pool4, pool5] = stages.slice(2) as [string, string, string];
  const fc6 = net.dropout(net.relu(net.convolution('fc6', pool5, 4096 * width, 7)), 0.5);
  const fc7 = net.dropout(net.relu(net.convolution('fc7', fc6, 4096 * width, 1)), 0.5);
  const crop = (name: string, bottom: string, like: string, offset: number): string =>
    net.layer('Crop', name, [bottom, like], `crop_param { axis: 2 offset: ${offset} }`);
  const add = (name: string, a: string, b: string): string => net.layer('Eltwise', name, [a, b]);

  const up2 = net.upsample('upscore2', net.convolution('score_fr', fc7, classes, 1), classes, 4, 2);
  const score4 = crop('score_pool4c', net.convolution('score_pool4', pool4, classes, 1), up2, 5);
  const up4 = net.upsample('upscore_pool4', add('fuse_pool4', up2, score4), classes, 4, 2);
  const score3 = crop('score_pool3c', net.convolution('score_pool3', pool3, classes, 1), up4, 9);
  const up8 = net.upsample('upscore8', add('fuse_pool3', up4, score3), classes, 16, 8);
  net.softmaxLoss('loss', crop('score', up8, data, 31), 'loss_param { ignore_label: 255 }');
  return net.toString();
}
