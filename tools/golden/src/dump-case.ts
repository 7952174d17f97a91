import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { filterNet, Net } from '@jacinto/net';
import { create, Phase } from '@jacinto/proto';
import { readNetFile } from '@jacinto/proto/node';
import { type CaseContext, layerTolerance, missingReason, missingTypes } from './case-context.ts';
import { Comparison, relativeError } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import { type RecordedDump, readFloats, readJson, recordedNumber, valuesAt } from './recorded.ts';
import { sourcesOf, whatIsAbsent } from './sources.ts';
import { folderOf, Staging } from './staging.ts';

/**
 * Runs a net with data layers and compares its blobs, forward by forward, with a dump: `PATH.prototxt`, `PATH.json`,
 * `PATH.bin`. Sources are looked for beside the case, in the folders above, and in the data folder.
 */
export function runDumpCase(path: string, context: CaseContext, name = basename(path)): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    if (!existsSync(`${path}.prototxt`)) return missing(name, `there is no ${basename(path)}.prototxt beside it`);
    const recorded = readJson<RecordedDump>(`${path}.json`);
    const floats = readFloats(`${path}.bin`);
    const param = readNetFile(`${path}.prototxt`);
    const phase = recorded.phase === 'TRAIN' ? Phase.TRAIN : Phase.TEST;
    const reason = missingReason(missingTypes(param, phase, context.registry));
    if (reason !== undefined) return missing(name, reason);
    const { layer } = filterNet(param, Object.assign(create('NetState'), param.state, { phase }));
    const [first] = sourcesOf(layer);
    const own = first === undefined ? dirname(path) : folderOf(first, dirname(path));
    const staging = new Staging(own, context.dataFolder);
    try {
      const absent = whatIsAbsent(layer, staging);
      if (absent !== undefined) return missing(name, absent);
      const { backend, registry } = context;
      const net = await Net.create(param, { backend, registry, phase, seed: 1, baseFolder: staging.folder });
      try {
        return outcomeOf(
          name,
          await compareIterations(net, recorded, (shape, at) => valuesAt(floats, at, shape, `${path}.bin`)),
        );
      } finally {
        await net.dispose();
      }
    } finally {
      staging.remove();
    }
  });
}

async function compareIterations(
  net: Net,
  { iterations }: RecordedDump,
  arrays: (shape: readonly number[], offset: number) => Float32Array,
): Promise<Comparison> {
  const comparison = new Comparison();
  for (const [i, { loss, blobs }] of iterations.entries()) {
    const actual = await net.forward();
    if (loss !== undefined)
      comparison.add(`loss ${i}`, relativeError([actual], [recordedNumber(loss)]), layerTolerance);
    for (const { blob, shape, data } of blobs) {
      const tensor = net.blob(blob);
      const array = `blob ${blob} at ${i}`;
      if (!tensor.hasShape(shape))
        comparison.addFault(`${array} has the shape ${tensor.shapeString()}, not ${shape.join(' ')}`);
      else if (data !== undefined)
        comparison.add(array, relativeError(await tensor.data.read(), arrays(shape, data)), layerTolerance);
    }
  }
  return comparison;
}
