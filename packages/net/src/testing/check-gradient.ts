import type { Tensor } from '@jacinto/core-tensor';
import { checkGradient, type GradientCheckResult } from '@jacinto/core-tensor/testing';
import type { LayerClass } from '../layer.ts';
import { addingText } from './adding-text.ts';
import type { LayerCase } from './layer-case.ts';
import { defaultSeed, type LayerRun, type RunOptions, setUpLayer, stepOf } from './run-layer.ts';

/** What stands in bottoms' gradients before backward: it must be overwritten. */
const stale = 1e6;
/** What stands in blobs' gradients before backward: the layer must add to it. */
const prior = 0.5;

/**
 * Compares a layer's gradients with finite differences, in the manner of Caffe's GradientChecker: relative error
 * |computed − estimated| ≤ threshold · max(|computed|, |estimated|, 1) for every value of the bottoms and blobs that the
 * case names. Also checks that gradients of bottoms are overwritten and those of blobs added to.
 * @returns undefined where the case skips the check.
 * @throws Error naming the case, bottom or blob, index and both values.
 */
export async function checkLayerGradient(
  layerClass: LayerClass,
  layerCase: LayerCase,
  options: RunOptions = {},
): Promise<GradientCheckResult | undefined> {
  const { gradient: rule = {}, kinks, name = '' } = layerCase;
  if ('skip' in rule) return undefined;
  const run = await setUpLayer(layerClass, layerCase, options);
  const { layer, bottoms, tops } = run;
  const wanted = bottoms.map(
    (_, i) => rule.bottoms?.includes(i) ?? (rule.bottoms === undefined && layer.allowForceBackward(i)),
  );
  const inputs = [
    ...bottoms.map((tensor, i) => ({ name: `bottom ${i}`, tensor, use: wanted[i]! })),
    ...layer.blobs.map((tensor, i) => ({ name: `blob ${i}`, tensor, use: rule.blobs?.includes(i) ?? true })),
  ].filter(({ use }) => use);
  try {
    return await addingText(`${layerClass.type}, case "${name}"`, () =>
      checkGradient({
        inputs: inputs.map(({ tensor }) => tensor),
        names: inputs.map((input) => input.name),
        outputs: tops.filter((_, i) => rule.tops?.includes(i) ?? true),
        forward: () => run.forward(),
        backward: () => backward(run, wanted, rule.tops),
        step: stepOf(layerCase),
        threshold: rule.threshold,
        seed: layerCase.seed ?? defaultSeed,
        kink: kinks === undefined || kinks === 'ties' ? undefined : [kinks.at, -kinks.at],
        kinkRange: kinks === undefined || kinks === 'ties' ? undefined : kinks.range,
        objectives: rule.objective === 'each' ? 'each' : 'sums',
      }),
    );
  } finally {
    await run.dispose();
  }
}

/** Backward with stale gradients in the bottoms, prior ones in the blobs, and none in tops that are not read. */
async function backward(run: LayerRun, wanted: readonly boolean[], read: readonly number[] | undefined): Promise<void> {
  const { layer, bottoms, tops } = run;
  for (const bottom of bottoms) bottom.diff.hostWrite().fill(stale);
  for (const blob of layer.blobs) blob.diff.hostWrite().fill(prior);
  tops.forEach((top, i) => {
    if (read !== undefined && !read.includes(i)) top.diff.hostWrite().fill(0);
  });
  await run.backward(wanted);
  for (const blob of layer.blobs) await subtract(blob, prior);
}

async function subtract(blob: Tensor, amount: number): Promise<void> {
  await blob.diff.read();
  const diff = blob.diff.hostUpdate();
  for (let i = 0; i < diff.length; i++) diff[i]! -= amount;
}
