import type { NetParameter } from '../generated/messages.ts';
import type { UpgradeLog } from './note.ts';

/**
 * Old nets gave a BatchNorm layer three `param` entries to freeze its statistics: lr_mult and decay_mult of all three
 * become 0 (BVLC Caffe: UpgradeNetBatchNorm). caffe-jacinto's layer does the same when it is set up.
 */
export function upgradeBatchNormParams(net: NetParameter, log: UpgradeLog): void {
  let count = 0;
  for (const layer of net.layer) {
    if (layer.type !== 'BatchNorm' || layer.param.length !== 3) continue;
    if (layer.param.every(({ lrMult, decayMult }) => lrMult === 0 && decayMult === 0)) continue;
    for (const param of layer.param) {
      param.lrMult = 0;
      param.decayMult = 0;
    }
    count++;
  }
  if (count > 0) log.applied(`lr_mult and decay_mult became 0 for the statistics of ${count} BatchNorm layer(s)`);
}
