import { describe, expect, it } from 'vitest';
import { Quantizer } from '../quantizer.ts';
import { GoldenNet, variants } from '../testing/golden-net.ts';
import { hasGolden } from '../testing/shared.ts';
import { compareWithIntegers } from './compare.ts';

/** Those that quantize both weights and outputs as the net runs. */
const plain = variants.filter((name) => !/start0|noupdate|precision_float|prototxt_given|only_/.test(name));

async function ran(name: string): Promise<{ golden: GoldenNet; quantizer: Quantizer; rounding: 'cpu' | 'gpu' }> {
  const rounding = name.endsWith('__gpu_rounding') ? 'gpu' : 'cpu';
  const golden = await GoldenNet.load(name);
  const quantizer = new Quantizer({ rounding });
  golden.net.use(quantizer);
  for (let k = 0; k < golden.forwards; k++) {
    golden.setInputs(k);
    await golden.net.forward();
  }
  if (quantizer.roundedFirst === golden.forwards - 1) await golden.net.forward();
  return { golden, quantizer, rounding };
}

describe.skipIf(!hasGolden)('whole numbers against the simulation (skipped where ../shared is absent)', () => {
  it.each(plain)('%s: layer by layer', async (name) => {
    const { golden, quantizer, rounding } = await ran(name);
    const { outputs, floatLayers } = compareWithIntegers(golden.net, quantizer, { rounding });
    expect(outputs.length).toBeGreaterThan(6);
    expect(floatLayers.filter((layer) => layer !== 'prob')).toEqual([]);
    for (const { layer, differing, worst, count } of outputs) {
      // float32 itself holds 24 bits: with codes of 16 bits the simulation rounds its own sums
      const few =
        name === 'bits16'
          ? 0.02 * count
          : name.includes('power2_both') || name.includes('residual_power2')
            ? 0
            : 0.01 * count;
      expect(worst, layer).toBeLessThanOrEqual(1);
      expect(differing, layer).toBeLessThanOrEqual(few);
    }
    await golden.net.dispose();
  });

  it.each(plain.filter((name) => /power2_both|residual_power2/.test(name)))(
    '%s: through the whole net, bit for bit',
    async (name) => {
      const { golden, quantizer, rounding } = await ran(name);
      const { outputs } = compareWithIntegers(golden.net, quantizer, { rounding, isolated: false });
      expect(outputs.map(({ layer, worst }) => [layer, worst])).toEqual(outputs.map(({ layer }) => [layer, 0]));
      await golden.net.dispose();
    },
  );
});
