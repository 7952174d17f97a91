import { NetText } from './net-text.ts';

const growth = 32;

/** Batch norm, scale and ReLU of a blob that others go on reading: not in place. */
function normalized(net: NetText, name: string, bottom: string): string {
  const bn = net.layer('BatchNorm', `${name}/bn`, [bottom]);
  net.layer('Scale', `${name}/scale`, [bn], 'scale_param { bias_term: true }', [bn]);
  return net.relu(bn);
}

/** DenseNet-121 (Huang et al. 2017): every layer sees all before it in its block. */
export function densenet121({ size = 224 } = {}): string {
  const net = new NetText();
  const conv1 = net.normalize(net.convolution('conv1', net.image(size), 64, 7, { stride: 2, pad: 3, bias: false }));
  let bottom = net.pool('pool1', conv1, 'pool: MAX kernel_size: 3 stride: 2 pad: 1');
  let channels = 64;
  for (const [stage, layers] of [6, 12, 24, 16].entries()) {
    for (let i = 1; i <= layers; i++) {
      const name = `conv${stage + 2}_${i}`;
      const narrow = net.convolution(`${name}/x1`, normalized(net, `${name}/x1`, bottom), 4 * growth, 1, {
        bias: false,
      });
      const made = net.convolution(`${name}/x2`, net.normalize(narrow), growth, 3, { pad: 1, bias: false });
      bottom = net.concat(`concat_${stage + 2}_${i}`, [bottom, made]);
      channels += growth;
    }
    const name = `conv${stage + 2}_blk`;
    bottom = normalized(net, name, bottom);
    if (stage === 3) break;
    channels /= 2;
    bottom = net.convolution(name, bottom, channels, 1, { bias: false });
    bottom = net.pool(`pool${stage + 2}`, bottom, 'pool: AVE kernel_size: 2 stride: 2');
  }
  net.softmaxLoss('loss', net.convolution('fc6', net.globalAverage('pool5', bottom), 1000, 1));
  return net.toString();
}
