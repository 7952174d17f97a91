import type { Floats } from '../reference/floats.ts';
import type { Tensor } from '../tensor.ts';
import { seededRandom } from './seeded-random.ts';

/** Numerical gradient check in the manner of Caffe's GradientChecker. */
export interface GradientCheck {
  /** Inputs and parameters: their data is moved by ±step, their diff is compared. */
  inputs: readonly Tensor[];
  /** Names of the inputs in messages; default "input 0", … */
  names?: readonly string[];
  /** What forward computes; their diff is set before `backward`. */
  outputs: readonly Tensor[];
  forward(): void | Promise<void>;
  /** Fills (or adds to: they are zeroed first) the inputs' diffs from the outputs' diffs. */
  backward(): void | Promise<void>;
  /** Half the distance of the two evaluations; default 1e-2. */
  step?: number;
  /** Allowed |computed − estimated| / max(|computed|, |estimated|, 1); default 1e-3. */
  threshold?: number;
  /** Seed of the random weights of the outputs; default 1701. */
  seed?: number;
  /** Input values at which the function has a kink: values within `kinkRange` (default: the step) are not checked. */
  kink?: number | readonly number[];
  kinkRange?: number;
  /**
   * Objectives: 'sums' (default) are two randomly weighted sums of all outputs; 'each' takes every output value by
   * itself, as Caffe's exhaustive check does (dearer; finds errors that cancel in sums).
   */
  objectives?: 'sums' | 'each';
}

export interface GradientCheckResult {
  /** Number of input values compared; those near a kink are not. */
  compared: number;
  /** The worst |computed − estimated| / max(|computed|, |estimated|, 1). */
  worst: number;
}

/** @throws Error naming the input, its index, both gradients, step, threshold and seed at the first that differs. */
export async function checkGradient(check: GradientCheck): Promise<GradientCheckResult> {
  const { inputs, step = 1e-2, threshold = 1e-3, seed = 1701, kinkRange = step } = check;
  const kinks = typeof check.kink === 'number' ? [check.kink] : (check.kink ?? []);
  await check.forward();
  const objectives = weightsOf(check, seed);
  const computed: Floats[][] = [];
  for (const objective of objectives) computed.push(await gradientsOf(check, objective));

  const result: GradientCheckResult = { compared: 0, worst: 0 };
  for (const [k, input] of inputs.entries()) {
    for (let i = 0; i < input.count; i++) {
      const value = (await input.data.read<Floats>())[i]!;
      if (kinks.some((kink) => Math.abs(value - kink) <= kinkRange)) continue;
      const above = await outputsAt(check, input, i, value + step);
      const below = await outputsAt(check, input, i, value - step);
      input.data.hostUpdate<Floats>()[i] = value;
      objectives.forEach((objective, o) => {
        let change = 0;
        objective.forEach((weight, j) => {
          if (weight !== 0) change += weight * (above[j]! - below[j]!);
        });
        const estimated = change / (2 * step);
        const found = computed[o]![k]![i]!;
        const error = Math.abs(found - estimated) / Math.max(Math.abs(found), Math.abs(estimated), 1);
        result.worst = Math.max(result.worst, error);
        if (error <= threshold) return;
        const name = check.names?.[k] ?? `input ${k}`;
        throw new Error(
          `gradient of ${name}[${i}] (value ${value}) is ${found}, numerically ${estimated} ` +
            `(objective ${o}, step ${step}, threshold ${threshold}, seed ${seed}` +
            `${kinks.length > 0 ? `, kink ${kinks.join(' ')}, kinkRange ${kinkRange}` : ''})`,
        );
      });
      result.compared++;
    }
  }
  await check.forward(); // leaves the outputs as the unmoved inputs give them
  return result;
}

/** One array of weights an objective, over the values of all outputs in order. */
function weightsOf({ outputs, objectives }: GradientCheck, seed: number): Float64Array[] {
  const total = outputs.reduce((sum, output) => sum + output.count, 0);
  if (objectives === 'each') {
    return Array.from({ length: total }, (_, k) => Float64Array.from({ length: total }, (_, i) => (i === k ? 1 : 0)));
  }
  const random = seededRandom(seed);
  const weight = (): number => (random.bernoulli(0.5) ? 1 : -1) * random.uniform(0.5, 1.5);
  return [0, 1].map(() => Float64Array.from({ length: total }, weight));
}

async function gradientsOf({ inputs, outputs, backward }: GradientCheck, weights: Float64Array): Promise<Floats[]> {
  let at = 0;
  for (const output of outputs) {
    const diff = output.diff.hostWrite<Floats>();
    for (let i = 0; i < output.count; i++) diff[i] = weights[at++]!;
  }
  for (const input of inputs) input.diff.hostWrite<Floats>().fill(0);
  await backward();
  const gradients: Floats[] = [];
  for (const input of inputs) gradients.push((await input.diff.read<Floats>()).slice());
  return gradients;
}

async function outputsAt(check: GradientCheck, input: Tensor, index: number, value: number): Promise<Float64Array> {
  input.data.hostUpdate<Floats>()[index] = value;
  await check.forward();
  const all: number[] = [];
  for (const output of check.outputs) {
    const values = await output.data.read<Floats>();
    for (let i = 0; i < output.count; i++) all.push(values[i]!);
  }
  return Float64Array.from(all);
}
