import { FillerParameter } from '@jacinto/proto';
import { fanIn, fanOut, fillerError } from './filler.ts';

/** The n of xavier and msra: fan-in (default), fan-out, or their mean, as `variance_norm` says. */
export function varianceCount(values: { length: number }, shape: readonly number[], param: FillerParameter): number {
  const { FAN_IN, FAN_OUT, AVERAGE } = FillerParameter.VarianceNorm;
  switch (param.varianceNorm) {
    case FAN_IN:
      return fanIn(values, shape);
    case FAN_OUT:
      return fanOut(values, shape);
    case AVERAGE:
      return (fanIn(values, shape) + fanOut(values, shape)) / 2;
    default:
      throw fillerError(param, 'variance_norm', `is ${param.varianceNorm}`, 'use FAN_IN, FAN_OUT or AVERAGE');
  }
}
