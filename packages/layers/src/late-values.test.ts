import { readdirSync } from 'node:fs';
import { Values } from '@jacinto/core-tensor';
import { type LayerCases, runLayer } from '@jacinto/net/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { standardLayers } from './list.ts';

// On a GPU values arrive later: every layer must then compute what it computes where they are there at once.
afterEach(() => vi.restoreAllMocks());

const folder = new URL('.', import.meta.url);
const stems = readdirSync(folder).flatMap((file) => (file.endsWith('.cases.ts') ? [file.slice(0, -9)] : []));
const tables = await Promise.all(stems.map((stem) => import(`./${stem}.cases.ts`) as Promise<{ cases: LayerCases }>));
const byType = new Map(tables.map(({ cases }) => [cases.type, cases.cases]));

test.each(standardLayers.map((layerClass) => [layerClass.type, layerClass] as const))(
  '%s',
  async (type, layerClass) => {
    for (const each of byType.get(type)!) {
      const atOnce = await runLayer(layerClass, each);
      vi.spyOn(Values.prototype, 'read').mockImplementation(function (this: Values) {
        return new Promise((resolve) => setTimeout(() => resolve(this.hostRead() as never), 0));
      });
      expect(await runLayer(layerClass, each), each.name).toEqual(atOnce);
      vi.restoreAllMocks();
    }
  },
);
