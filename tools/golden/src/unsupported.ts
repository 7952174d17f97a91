import type { SolverParameter } from '@jacinto/proto';

/** Features of a solver that a later version brings: runs that need them count as missing. */
const notYet: readonly (readonly [feature: string, isUsed: (param: SolverParameter) => boolean])[] = [
  ['detection tests (eval_type "detection")', (p) => p.evalType === 'detection'],
  ['segmentation tests (eval_type "segmentation")', (p) => p.evalType === 'segmentation'],
];

/** Why a run with this solver cannot be repeated yet, or undefined. */
export function unsupportedFeature(param: SolverParameter): string | undefined {
  const feature = notYet.find(([, isUsed]) => isUsed(param))?.[0];
  return feature === undefined ? undefined : `${feature}: not built yet`;
}
