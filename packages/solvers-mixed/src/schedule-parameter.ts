import type { SolverParameter } from '@jacinto/proto';

/** The fields of SolverParameter that schedules read. */
export type ScheduleParameter = Pick<
  SolverParameter,
  | 'lrPolicy'
  | 'baseLr'
  | 'minLr'
  | 'gamma'
  | 'power'
  | 'stepsize'
  | 'stepvalue'
  | 'maxIter'
  | 'rampupInterval'
  | 'rampupLr'
>;
