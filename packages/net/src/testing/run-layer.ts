import { type Backend, RandomStream, Tensor } from '@jacinto/core-tensor';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { type LayerParameter, Phase, parseText } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { checkArity, topCount } from '../arity.ts';
import { layerContext } from '../context.ts';
import type { NetEvent } from '../events.ts';
import type { Layer, LayerClass } from '../layer.ts';
import { inLayer } from '../layer-place.ts';
import { LayerRegistry } from '../registry.ts';
import { draw } from './draw.ts';
import type { LayerCase } from './layer-case.ts';

export interface RunOptions {
  /** Default a new reference backend. */
  backend?: Backend;
  /** Runs it in place (top 0 is bottom 0); default false, also for cases that allow it. */
  inPlace?: boolean;
  /** What the layer warns of. */
  onEvent?: (event: NetEvent) => void;
  /** The solver's iteration as the layer sees it; default 0. */
  iteration?: () => number;
  baseFolder?: string;
}

/** A layer of a case, set up by itself, without a net. */
export interface LayerRun {
  readonly layer: Layer;
  readonly bottoms: Tensor[];
  readonly tops: Tensor[];
  /** Sets the number of forward passes that the layer is told (the draw of random operations); at first 0. */
  setForwardCount(count: number): void;
  /** Reshapes and runs forward. */
  forward(): Promise<void>;
  /** Runs backward for these bottoms; by default for all that the layer allows. */
  backward(propagateDown?: readonly boolean[]): Promise<void>;
  /** Current values, copied. */
  read(tensor: Tensor, part?: 'data' | 'diff'): Promise<Float32Array>;
  dispose(): Promise<void>;
}

export const defaultSeed = 1701;
export const defaultStep = 1e-2;

/** The step of a case's gradient check. */
export function stepOf({ gradient }: LayerCase): number {
  return (gradient && 'step' in gradient ? gradient.step : undefined) ?? defaultStep;
}

/** The layer message of a case. */
export function layerParamOf(layerClass: LayerClass, { param, layer = '', phase }: LayerCase): LayerParameter {
  const field = layerClass.paramField?.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  if (param !== undefined && field === undefined) {
    throw new CaffeError({
      code: 'bad-value',
      problem: `${layerClass.type} has no paramField for "${param}"`,
      fix: 'give the text as `layer`',
    });
  }
  const own = param === undefined ? '' : `${field} { ${param} }`;
  const message = parseText('LayerParameter', `name: "test" type: "${layerClass.type}" ${layer} ${own}`);
  message.phase = phase === 'TEST' ? Phase.TEST : Phase.TRAIN;
  return message;
}

/**
 * Makes the layer of a case with its bottoms and tops: values drawn, set up, reshaped, not yet run. The same case gives
 * the same values on every backend. @throws CaffeError as the layer does, with its name "test" and type.
 */
export async function setUpLayer(
  layerClass: LayerClass,
  layerCase: LayerCase,
  options: RunOptions = {},
): Promise<LayerRun> {
  const { backend = createReferenceBackend(), inPlace = false } = options;
  const seed = layerCase.seed ?? defaultSeed;
  const message = layerParamOf(layerClass, layerCase);
  const state = { seed, forwardCount: 0 };
  const context = layerContext(
    { ...options, backend, registry: new LayerRegistry([layerClass]) },
    state,
    message,
    0,
    true,
  );
  const random = new RandomStream(seed, 1_000_000);
  const bottoms = layerCase.bottoms.map((shape, i) => {
    const tensor = new Tensor(backend, shape);
    const spaced = layerCase.kinks === 'ties' ? { spaced: 4 * stepOf(layerCase) } : undefined;
    tensor.data.hostWrite<Float32Array>().set(draw(tensor.count, layerCase.values?.[i] ?? spaced, random));
    return tensor;
  });
  return inLayer(message, async () => {
    const layer = new layerClass(message, context) as Layer;
    const tops = Array.from({ length: topsOf(layer, layerCase) }, (_, i) =>
      i === 0 && inPlace ? bottoms[0]! : new Tensor(backend),
    );
    checkArity(layer, bottoms.length, tops.length);
    await layer.setUp(bottoms, tops);
    layer.reshape(bottoms, tops);
    layer.blobs.forEach((blob, i) => {
      const rule = layerCase.blobs?.[i];
      if (rule !== undefined) blob.data.hostWrite<Float32Array>().set(draw(blob.count, rule, random));
    });
    return layerRun(layer, message, bottoms, tops, state);
  });
}

function topsOf(layer: Layer, { tops }: LayerCase): number {
  if (tops !== undefined) return tops;
  const { exact, min, max } = layer.topArity();
  return exact ?? topCount(layer, Math.min(Math.max(min ?? 0, 1), max ?? 1));
}

function layerRun(
  layer: Layer,
  message: LayerParameter,
  bottoms: Tensor[],
  tops: Tensor[],
  state: { forwardCount: number },
): LayerRun {
  return {
    layer,
    bottoms,
    tops,
    setForwardCount(count) {
      state.forwardCount = count;
    },
    async forward() {
      await inLayer(message, () => {
        layer.reshape(bottoms, tops);
        return layer.forward(bottoms, tops);
      });
    },
    async backward(propagateDown = bottoms.map((_, i) => layer.allowForceBackward(i))) {
      await inLayer(message, () => layer.backward(tops, propagateDown, bottoms));
    },
    async read(tensor, part = 'data') {
      return Float32Array.from(await tensor[part].read());
    },
    async dispose() {
      await layer.dispose();
      for (const tensor of [...bottoms, ...tops]) tensor.dispose();
    },
  };
}

/** What a layer computed in one forward and backward. */
export interface LayerResult {
  tops: { shape: readonly number[]; data: Float32Array }[];
  /** Gradients of the bottoms it allows one for, and of its blobs; empty where the case skips the gradient. */
  bottomDiffs: (Float32Array | undefined)[];
  blobDiffs: Float32Array[];
}

/** Runs a case once: forward, then backward with random gaussian gradients of the tops (the same on every backend). */
export async function runLayer(
  layerClass: LayerClass,
  layerCase: LayerCase,
  options: RunOptions = {},
): Promise<LayerResult> {
  const run = await setUpLayer(layerClass, layerCase, options);
  try {
    await run.forward();
    const tops: LayerResult['tops'] = [];
    for (const top of run.tops) tops.push({ shape: top.shape, data: await run.read(top) });
    if (layerCase.gradient && 'skip' in layerCase.gradient) return { tops, bottomDiffs: [], blobDiffs: [] };
    const random = new RandomStream(layerCase.seed ?? defaultSeed, 2_000_000);
    for (const top of run.tops) top.diff.hostWrite<Float32Array>().set(draw(top.count, undefined, random));
    for (const blob of run.layer.blobs) blob.diff.hostWrite().fill(0);
    const propagateDown = run.bottoms.map((_, i) => run.layer.allowForceBackward(i));
    await run.backward(propagateDown);
    const bottomDiffs: LayerResult['bottomDiffs'] = [];
    for (const [i, bottom] of run.bottoms.entries()) {
      bottomDiffs.push(propagateDown[i] ? await run.read(bottom, 'diff') : undefined);
    }
    const blobDiffs: Float32Array[] = [];
    for (const blob of run.layer.blobs) blobDiffs.push(await run.read(blob, 'diff'));
    return { tops, bottomDiffs, blobDiffs };
  } finally {
    await run.dispose();
  }
}
