import { type Absorbed, type AbsorbOptions, absorbBatchNorm } from '@jacinto/bn-absorb';
import type { Net } from '@jacinto/net';
import type { Log } from './glog.ts';
import { savedNet } from './saved-net.ts';

/** Merges BatchNorm and Scale layers of a built net (caffe-jacinto: Net::OptimizeNet) into messages of another one. */
export async function optimizeNet(net: Net, log: Log, options: AbsorbOptions): Promise<Absorbed> {
  const absorbed = absorbBatchNorm(await savedNet(net), undefined, options);
  const { merged, kept } = absorbed.report;
  for (const { layer, layerType } of merged) log.info('net.cpp:1595', `Optimizing layer: ${layerType} ${layer}`);
  for (const { layer, reason } of kept) log.info('net.cpp:0', `Layer ${layer} stays as it is: ${reason}`);
  return absorbed;
}
