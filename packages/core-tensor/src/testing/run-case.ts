import type { Backend } from '../backend.ts';
import type { Floats } from '../reference/floats.ts';
import { Tensor } from '../tensor.ts';
import type { Values } from '../values.ts';
import type { CaseArray, CaseTable, CaseValues, OperationCase } from './case.ts';
import { checkGradient, type GradientCheckResult } from './check-gradient.ts';
import { bitEqual, closeTo } from './compare.ts';
import { guarded } from './guarded.ts';
import { seededRandom, seedOf } from './seeded-random.ts';

type Results = Readonly<Record<string, Floats>>;

function initial(test: OperationCase, name: string, { count, fill }: CaseArray): ArrayLike<number> {
  const random = seededRandom(seedOf(`${test.name} ${name}`));
  return fill === undefined ? new Float64Array(count).fill(Number.NaN) : fill(random, count);
}

/** Runs a case on a backend: every array after the run. @throws Error on a stray write. */
export async function runCase(backend: Backend, test: OperationCase): Promise<Results> {
  const arrays = Object.entries(test.arrays).map(([name, array]) => {
    const guard = guarded(backend, array.count);
    guard.values.hostWrite<Floats>().set(initial(test, name, array));
    return { name, guard };
  });
  const values: CaseValues = Object.fromEntries(arrays.map(({ name, guard }) => [name, guard.values]));
  try {
    const operation = test.prepare(backend);
    operation.forward(values);
    operation.backward?.(values);
    await backend.finish();
    const results: Record<string, Floats> = {};
    for (const { name, guard } of arrays) {
      results[name] = (await guard.values.read<Floats>()).slice();
      guard.check(name);
    }
    return results;
  } finally {
    for (const { guard } of arrays) guard.values.release();
  }
}

const expectations = new WeakMap<Backend, WeakMap<OperationCase, Promise<Results>>>();

/** What the reference gives for a case; computed once, since a backend's suite runs in several settings. */
function expectedOf(reference: Backend, test: OperationCase): Promise<Results> {
  const known = expectations.get(reference) ?? new WeakMap<OperationCase, Promise<Results>>();
  expectations.set(reference, known);
  const expected = known.get(test) ?? runCase(reference, test);
  known.set(test, expected);
  return expected;
}

/**
 * Compares a backend with the reference on a case: outputs within their bounds, inputs untouched, no stray writes, and
 * a second run equal in every bit. @throws Error with the array, index, both values and the bound.
 */
export async function compareCase(backend: Backend, reference: Backend, test: OperationCase): Promise<void> {
  const expected = await expectedOf(reference, test);
  const first = await runCase(backend, test);
  const second = await runCase(backend, test);
  for (const [name, array] of Object.entries(test.arrays)) {
    const start = array.bound === undefined ? Float32Array.from(initial(test, name, array)) : expected[name]!;
    closeTo(first[name]!, start, array.bound ?? 'exact', array.bound === undefined ? `untouched ${name}` : name);
    bitEqual(second[name]!, first[name]!, name);
  }
}

/** The numerical gradient check of a case that names `gradientOf`; in f64, so the backend must compute in it. */
export async function checkCaseGradient(reference: Backend, test: OperationCase): Promise<GradientCheckResult> {
  const tensors: Record<string, Tensor> = {};
  const values: Record<string, Values> = {};
  const names = test.gradientOf ?? [];
  for (const [name, array] of Object.entries(test.arrays)) {
    if (values[name] !== undefined) continue;
    const tensor = new Tensor(reference, [array.count], 'f64');
    tensor.data.hostWrite<Floats>().set(initial(test, name, array));
    tensors[name] = tensor;
    values[name] = tensor.data;
    if (names.includes(name) || name === 'y') values[`d${name}`] = tensor.diff;
  }
  const operation = test.prepare(reference);
  if (operation.backward === undefined) throw new Error(`the case "${test.name}" has no backward to check`);
  const { forward, backward } = operation;
  return checkGradient({
    inputs: names.map((name) => tensors[name]!),
    names,
    outputs: [tensors['y']!],
    forward: () => forward(values),
    backward: () => backward(values),
    step: 1e-4,
    threshold: 1e-5,
    ...test.gradient,
  });
}

/** Every case by its full name, "pooling max k=3 …". */
export function fullName(table: CaseTable, test: OperationCase): string {
  return `${table.operation} ${test.name}`;
}
