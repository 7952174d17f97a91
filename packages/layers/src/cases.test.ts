import { readdirSync } from 'node:fs';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { checkLayer, type LayerCases } from '@jacinto/net/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { standardLayers } from './list.ts';
import { presentBackends } from './testing/backends.ts';

// Every layer has a file, a case table and a test named after its type; each case checks shapes, in-place work,
// gradients, and that the backend computes what the reference backend does.
const backends = [createReferenceBackend(), ...(await presentBackends(1))];
afterAll(() => Promise.all(backends.map((backend) => backend.dispose())));

/** Without a gradient, without a bottom, or one memory for bottom and top: there is nothing to check. */
const withoutChecks = new Set(['Accuracy', 'ArgMax', 'Threshold', 'DummyData', 'Input', 'Flatten', 'Reshape']);
const files = readdirSync(new URL('.', import.meta.url));

describe.each(standardLayers.map((layerClass) => [layerClass.type, layerClass] as const))(
  '%s',
  async (type, layerClass) => {
    const stem = files.find((file) => file.replaceAll('-', '') === `${type.toLowerCase()}.ts`)?.slice(0, -3);

    test('has a file, a case table and a test of its name', () => {
      expect(stem, `no file is named after ${type}`).toBeDefined();
      expect(files).toContain(`${stem}.cases.ts`);
      expect(files).toContain(`${stem}.test.ts`);
    });

    const { cases } = (await import(`./${stem}.cases.ts`)) as { cases: LayerCases };

    test('has cases of its own type', () => {
      expect(cases.type).toBe(type);
      expect(cases.cases.length).toBeGreaterThan(0);
    });

    test.skipIf(withoutChecks.has(type))('has three cases or more whose gradient is checked', () => {
      const checked = cases.cases.filter(({ gradient }) => gradient === undefined || !('skip' in gradient));
      expect(checked.length).toBeGreaterThanOrEqual(3);
    });

    describe.each(backends.map((backend) => [backend.name, backend] as const))('on the %s backend', (_, backend) => {
      test.each(cases.cases.map((each) => [each.name, each] as const))('%s', async (_, each) => {
        await checkLayer(layerClass, each, { backend });
      });
    });
  },
);
