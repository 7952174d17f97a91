import type { UpdateRates, UpdateRule } from '@jacinto/core-tensor';
import { floatText, type SolverParameter } from '@jacinto/proto';
import { CaffeError, unknownName } from '@jacinto/proto/errors';

/** One solver type of Caffe. The arithmetic itself is the backend's `solverUpdate`. */
export interface SolverType {
  /** Value of `type` in the solver prototxt. */
  readonly type: string;
  readonly rule: UpdateRule;
  /** Arrays of history kept for each parameter. */
  readonly history: 1 | 2;
  /** `delta` is never taken smaller than this. */
  readonly leastDelta: number;
  /** Whether momentum_policy applies; other types use `momentum` as it stands. */
  readonly momentumPolicy: boolean;
  /** Whether `momentum` must be absent or 0. */
  readonly refusesMomentum: boolean;
}

const type = (name: string, rule: UpdateRule, more: Partial<SolverType> = {}): SolverType => ({
  type: name,
  rule,
  history: 1,
  leastDelta: 0,
  momentumPolicy: false,
  refusesMomentum: false,
  ...more,
});

/** The solver types; h, m, v: history; g: gradient with regularisation; r: rate. */
const solverTypes: readonly SolverType[] = [
  // h = m·h + (1−m)·g²; u = g·√((h2+δ)/(h+δ)); h2 = m·h2 + (1−m)·u²; w −= r·u
  type('AdaDelta', 'adadelta', { history: 2, leastDelta: 1e-3 }),
  // h += g²; w −= r·g/(√h+δ)
  type('AdaGrad', 'adagrad', { leastDelta: 1e-3, refusesMomentum: true }),
  // m = β1·m + (1−β1)·g; v = β2·v + (1−β2)·g²; w −= r·√(1−β2^t)/(1−β1^t)·m/(√v+δ)
  type('Adam', 'adam', { history: 2, leastDelta: 1e-4 }),
  // h' = m·h + r·g; w −= (1+m)·h' − m·h
  type('Nesterov', 'nesterov'),
  // h = ρ·h + (1−ρ)·g²; w −= r·g/(√h+δ)
  type('RMSProp', 'rmsprop', { leastDelta: 1e-4, refusesMomentum: true }),
  // h = m·h + r·g; w −= h
  type('SGD', 'sgd', { momentumPolicy: true }),
];

/** @throws CaffeError for an unknown type, or for fields that the type refuses. */
export function solverTypeOf(p: SolverParameter): SolverType {
  const found = solverTypes.find(({ type }) => type === p.type);
  if (found === undefined) {
    throw unknownName(
      'type',
      p.type,
      solverTypes.map(({ type }) => type),
    );
  }
  if (found.refusesMomentum && (p.momentum ?? 0) !== 0) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'momentum',
      problem: `is ${floatText(p.momentum!)}, but ${found.type} has no momentum`,
      fix: 'remove momentum, or use another type (SGD, Nesterov, AdaDelta, Adam)',
    });
  }
  if (found.rule === 'rmsprop' && !(p.rmsDecay >= 0 && p.rmsDecay < 1)) {
    throw new CaffeError({
      code: 'bad-value',
      field: 'rms_decay',
      problem: `is ${floatText(p.rmsDecay)}`,
      fix: 'use 0 or more, and less than 1',
    });
  }
  return found;
}

/** The rates of one update. `momentum` comes from momentumAt where the type follows the policy. */
export function updateRates(
  solver: SolverType,
  p: SolverParameter,
  { iter, momentum, gradientFactor }: { iter: number; momentum: number; gradientFactor: number },
): UpdateRates {
  const t = iter + 1;
  return {
    gradientFactor,
    momentum,
    momentum2: p.momentum2,
    rmsDecay: p.rmsDecay,
    delta: Math.max(p.delta, solver.leastDelta),
    correction: solver.rule === 'adam' ? Math.sqrt(1 - p.momentum2 ** t) / (1 - momentum ** t) : 1,
  };
}
