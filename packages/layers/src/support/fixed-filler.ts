import { create, type FillerParameter } from '@jacinto/proto';

/** The filler where a layer's default is not 0. */
export function constantFiller(value: number): FillerParameter {
  return create('FillerParameter', { type: 'constant', value });
}
