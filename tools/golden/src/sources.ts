import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, type LayerParameter } from '@jacinto/proto';
import type { Staging } from './staging.ts';

/** The files and databases that data layers name. */
export function sourcesOf(layers: readonly LayerParameter[]): string[] {
  const named = layers.flatMap((layer) => [
    has(layer, 'dataParam') ? layer.dataParam!.source : undefined,
    has(layer, 'imageDataParam') ? layer.imageDataParam!.source : undefined,
    has(layer, 'transformParam') ? layer.transformParam!.meanFile : undefined,
  ]);
  return named.filter((source) => source !== undefined);
}

/** What data layers name and a staging lacks: sources, and the first picture of a list; undefined where all is there. */
export function whatIsAbsent(layers: readonly LayerParameter[], staging: Staging): string | undefined {
  const absent = sourcesOf(layers).filter((source) => !staging.has(source));
  for (const layer of layers) {
    if (!has(layer, 'imageDataParam')) continue;
    const { source, rootFolder = '' } = layer.imageDataParam!;
    if (source === undefined || absent.includes(source)) continue;
    const first = /^(.*\S)\s+\S+\s*$/m.exec(readFileSync(join(staging.folder, source), 'utf8'))?.[1];
    if (first !== undefined && !staging.has(rootFolder + first)) absent.push(first);
  }
  if (absent.length === 0) return undefined;
  return `not there: ${[...new Set(absent)].join(', ')}; say where it lies with --data`;
}
