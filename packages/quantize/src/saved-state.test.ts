import { expect, it } from 'vitest';
import { Quantizer } from './quantizer.ts';
import { paramOf, setBlob, setParam, smallNet, valuesOf } from './testing/small-net.ts';

const text = `quantize: true net_quantization_param { quantization_start: 2 range_update_factor: 0.3 }
layer { name: "in" type: "Input" top: "x" input_param { shape { dim: 1 dim: 2 } } }
layer { name: "ip" type: "InnerProduct" bottom: "x" top: "y" inner_product_param { num_output: 2 } }
layer { name: "relu" type: "ReLU" bottom: "y" top: "y" }`;

/** A net whose weights are those of another one, or the first ones. */
async function netWith(weights: readonly number[] = [0.31, -0.72, 0.13, 0.94]) {
  const net = await smallNet(text, { phase: 0 });
  setParam(net, 'ip', 0, weights);
  return { net, quantizer: new Quantizer() };
}

it('a restored plug-in goes on as one that never stopped, before and after weights were rounded', async () => {
  for (const stop of [1, 2, 3, 5]) {
    const whole = await netWith();
    whole.net.use(whole.quantizer);
    let resumed: Awaited<ReturnType<typeof netWith>> | undefined;
    for (let pass = 0; pass < 8; pass++) {
      if (pass === stop) {
        const state = JSON.parse(JSON.stringify(whole.quantizer.saveState()));
        resumed = await netWith(paramOf(whole.net, 'ip', 0));
        resumed.net.restoreState(whole.net.saveState());
        resumed.quantizer.restoreState(state, resumed.net);
        resumed.net.use(resumed.quantizer);
      }
      for (const one of resumed === undefined ? [whole] : [whole, resumed]) {
        setBlob(one.net, 'x', [Math.sin(pass), Math.cos(3 * pass)]);
        await one.net.forward();
      }
      if (resumed === undefined) continue;
      expect(valuesOf(resumed.net, 'y'), `stopped at ${stop}, pass ${pass}`).toEqual(valuesOf(whole.net, 'y'));
      expect(paramOf(resumed.net, 'ip', 0)).toEqual(paramOf(whole.net, 'ip', 0));
      expect(resumed.quantizer.layerParams).toEqual(whole.quantizer.layerParams);
    }
    expect(resumed!.quantizer.forwardCount).toBe(8);
  }
});

it('there is nothing to keep before the first pass; another net is refused', async () => {
  const { net, quantizer } = await netWith();
  expect(quantizer.saveState()).toBeUndefined();
  net.use(quantizer);
  await net.forward();
  const other = await smallNet(text.replace(/layer \{ name: "relu".*/, ''));
  expect(() => new Quantizer().restoreState(quantizer.saveState()!, other)).toThrow(
    'the saved ranges of quantization are not those of this net; resume with the net, and the version',
  );
});
