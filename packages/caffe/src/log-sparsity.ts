import type { Net } from '@jacinto/net';
import { convolutionsOf, sparsityTable, tableLog } from '@jacinto/sparsity';
import type { Log } from './glog.ts';
import { logLine } from './log-line.ts';
import { savedNet } from './saved-net.ts';

const rule = '=========================';

/** Logs how many weights of a tested net's convolutions are zero, as `caffe test --display_sparsity` does. */
export async function logSparsity(net: Net, log: Log): Promise<void> {
  log.info('caffe.cpp:359', rule);
  log.info('caffe.cpp:360', 'Sparsity of the test net:');
  for (const line of tableLog(sparsityTable(convolutionsOf(await savedNet(net))))) logLine(log, line);
  log.info('caffe.cpp:362', rule);
}
