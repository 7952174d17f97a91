import { setUpLayer } from '@jacinto/net/testing';
import { describe, expect, test } from 'vitest';
import { SilenceLayer } from './silence.ts';
import { errorOf } from './testing/layer-testing.ts';

describe('Silence', () => {
  test('has no tops and gives a gradient of 0', async () => {
    const run = await setUpLayer(SilenceLayer, { bottoms: [[2], [3]] });
    expect(run.tops).toEqual([]);
    await run.forward();
    run.bottoms[1]!.diff.hostWrite().fill(7);
    await run.backward([false, true]);
    expect([...(await run.read(run.bottoms[1]!, 'diff'))]).toEqual([0, 0, 0]);
  });

  test('needs a bottom', async () => {
    expect(await errorOf(SilenceLayer, { bottoms: [] })).toContain(
      'has 0 bottoms, takes at least 1 bottom; give 1 more',
    );
  });
});
