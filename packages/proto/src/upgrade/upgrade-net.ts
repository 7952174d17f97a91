import type { NetParameter } from '../generated/messages.ts';
import { upgradeBatchNormParams } from './batch-norm-params.ts';
import { upgradeBvlcFields } from './bvlc-fields.ts';
import { upgradeDataTransform } from './data-transform.ts';
import { upgradeInputFields } from './input-fields.ts';
import { UpgradeLog, type UpgradeOptions, type UpgradeResult } from './note.ts';
import { upgradeV0Layers } from './v0-layers.ts';
import { upgradeV1Layers } from './v1-layers.ts';

/** The rules in the order in which Caffe runs them; each is a file of this folder. */
const rules = [
  upgradeV0Layers,
  upgradeDataTransform,
  upgradeV1Layers,
  upgradeInputFields,
  upgradeBatchNormParams,
  upgradeBvlcFields,
];

/**
 * Brings a net to the present form, in place: V0 and V1 layers, transformation fields inside data params, `input` and
 * `input_dim`, BVLC's fields whose numbers mean something else here. A net in the present form is left as it is (Caffe: UpgradeNetAsNeeded).
 * @throws CaffeError for what Caffe refuses too: an unknown V0 type, a net with both `layers` and `layer`.
 */
export function upgradeNet(net: NetParameter, { file }: UpgradeOptions = {}): UpgradeResult {
  const log = new UpgradeLog(file);
  for (const rule of rules) rule(net, log);
  const { changed, complete, notes } = log;
  return { changed, complete, notes };
}
