import { CaffeError } from '@jacinto/proto/errors';

/** How the values of a bottom (or a blob) are drawn; the default is gaussian with mean 0 and std 1. */
export type ValueRule =
  | { gaussian: { mean?: number; std?: number } }
  /** Between the two numbers. */
  | { uniform: readonly [low: number, high: number] }
  /** Whole numbers 0 … n−1, as labels. */
  | { integers: number }
  | { constant: number }
  /** A random order of numbers this far apart around 0: no ties, and none nearer than the spacing. */
  | { spaced: number }
  /** These values, repeated as often as needed. */
  | { values: readonly number[] };

/** How the gradient of a case is checked (Caffe: GradientChecker); what is left out takes the default. */
export interface GradientRule {
  /** Size of the finite difference; default 1e-2. */
  step?: number;
  /** Largest error relative to max(|computed|, |estimated|, 1); default 1e-3. */
  threshold?: number;
  /** Bottoms that are checked; default all but those the layer refuses (`allowForceBackward`). */
  bottoms?: readonly number[];
  /** Blobs that are checked; default all. */
  blobs?: readonly number[];
  /** Tops that the objective reads; default all. */
  tops?: readonly number[];
  /**
   * 'sums' (default): two randomly weighted sums of all tops. 'each': every single top value by itself, as Caffe's
   * CheckGradientExhaustive: slow, but it finds errors that cancel in sums.
   */
  objective?: 'sums' | 'each';
}

/** One case of a layer: the table feeds unit tests, gradient checks, every backend and benchmarks. */
export interface LayerCase {
  /** Unique in its table; by default made of `layer`, `param` and the bottoms' shapes. */
  name?: string;
  /** Text of the layer's own parameter message: `kernel_size: 3 stride: 2`. */
  param?: string;
  /** Text of other fields of the layer: `loss_weight: 2 loss_param { ignore_label: 0 }`. */
  layer?: string;
  /** Shapes of the bottoms. */
  bottoms: readonly (readonly number[])[];
  /** Values by bottom index; those left out are gaussian. */
  values?: Readonly<Record<number, ValueRule>>;
  /** Values by blob index, set after setUp; those left out keep what the fillers gave. */
  blobs?: Readonly<Record<number, ValueRule>>;
  /** Number of tops; default the least the layer takes, 1 at least where it takes any. */
  tops?: number;
  /** Shapes the tops must have. */
  topShapes?: readonly (readonly number[])[];
  /** Default TRAIN. */
  phase?: 'TRAIN' | 'TEST';
  /** Of all random numbers of the case; default 1701, as in Caffe's tests. */
  seed?: number;
  /** Largest difference between backends relative to an array's largest value, or 'exact'; default 1e-5. */
  bound?: 'exact' | number;
  /**
   * Where the function has no derivative. 'ties': where two values are equal (maximum); bottoms are then drawn
   * without ties, 4 steps apart. `at`, `range`: at |value| = at; values nearer than `range` are not compared.
   */
  kinks?: 'ties' | { at: number; range: number };
  /** How the gradient is checked; `skip` gives the reason why it is not (no gradient, random output). */
  gradient?: GradientRule | { skip: string };
  /** The layer may work in place: top 0 is bottom 0. Results and gradients must then be the same. */
  inPlace?: boolean;
  /** Name of the case under golden/layers that has the same layer. */
  golden?: string;
}

export type NamedCase = LayerCase & { name: string };

/** All cases of one layer type. */
export interface LayerCases {
  type: string;
  cases: readonly NamedCase[];
}

/**
 * The case table of a layer, kept in `<layer>.cases.ts`:
 * `export const cases = layerCases('Pooling', [{ param: 'kernel_size: 3', bottoms: [[2, 3, 7, 6]], kinks: 'ties' }]);`
 * @throws CaffeError where two cases have one name.
 */
export function layerCases(type: string, cases: readonly LayerCase[]): LayerCases {
  const named = cases.map((each) => ({ ...each, name: each.name ?? defaultName(each) }));
  const seen = new Set<string>();
  for (const { name } of named) {
    if (seen.has(name)) {
      throw new CaffeError({
        code: 'bad-value',
        problem: `two cases of ${type} are called "${name}"`,
        fix: 'give them names',
      });
    }
    seen.add(name);
  }
  return { type, cases: named };
}

function defaultName({ param, layer, bottoms, phase, tops, inPlace }: LayerCase): string {
  const shapes = bottoms.map((shape) => `[${shape.join(',')}]`).join(' ');
  const parts = [layer, param, shapes, phase === 'TEST' ? phase : undefined];
  if (tops !== undefined) parts.push(`tops=${tops}`);
  if (inPlace) parts.push('in place');
  return parts.filter(Boolean).join(' ');
}
