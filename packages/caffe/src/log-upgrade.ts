import type { NetParameter, UpgradeResult } from '@jacinto/proto';
import { loadWeightsFile, readNetFile } from '@jacinto/proto/node';
import type { Log } from './glog.ts';

/** Logs what was brought to the present form when a file was read; as warnings where something was dropped. */
export function logUpgrade(log: Log, file: string, { complete, notes }: UpgradeResult): void {
  for (const note of notes) {
    const text = `Upgraded ${file}: ${note}`;
    if (complete) log.info('upgrade_proto.cpp:0', text);
    else log.warning('upgrade_proto.cpp:0', text);
  }
}

/** A net's prototxt of any age. */
export function readModel(log: Log, file: string): NetParameter {
  return readNetFile(file, { onUpgrade: (result) => logUpgrade(log, file, result) });
}

/** Weights of any age, .caffemodel or .caffemodel.h5. */
export function readModelWeights(log: Log, file: string): Promise<NetParameter> {
  return loadWeightsFile(file, { onUpgrade: (result) => logUpgrade(log, file, result) });
}
