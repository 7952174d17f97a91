import type { Log } from '../glog.ts';

/** Says what computes. `gpu`: the devices asked for, '' for none. */
export function useDevice(log: Log, gpu: string): void {
  if (gpu !== '')
    log.warning('caffe.cpp:197', `GPU ${gpu} was asked for, but no GPU backend is installed; using the CPU`);
  log.info('caffe.cpp:197', 'Use CPU.');
}
