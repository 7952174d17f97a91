import { readFileSync } from 'node:fs';
import { blobShape, blobValues, decode, parseText } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { readBlobFile, readWeightsFile } from '@jacinto/proto/node';
import { Comparison, relativeError } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { failed, type Outcome, passed } from './outcome.ts';
import { readJson } from './recorded.ts';

interface ExpectedMean {
  shape: number[];
  channel_means: number[];
  first?: number[];
  last?: number[];
}

/** A file that must be refused with one clear CaffeError: with words, and of another kind than a fault of ours. */
export async function runBrokenCase(name: string, path: string): Promise<Outcome> {
  try {
    readAny(path);
  } catch (error) {
    if (error instanceof CaffeError && error.facts.code !== 'internal' && error.facts.problem.length > 0) {
      return { ...passed(name), reason: `refused: ${error.message}` };
    }
    return failed(name, `refused, but by no CaffeError: ${String(error)}`);
  }
  return failed(name, 'was read as if nothing were wrong with it');
}

/** A file that must read, and whose blobs must give as many values as their shapes say. */
export function runFileCase(name: string, path: string): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    for (const blob of readAny(path)) {
      const count = blobShape(blob).reduce((a, b) => a * b, 1);
      const values = blobValues(blob).length;
      if (values !== count) return failed(name, `a blob of shape ${blobShape(blob).join(' ')} gives ${values} values`);
    }
    return passed(name);
  });
}

/** A mean file: its shape, the means by channel, the first and last values. */
export function runMeanCase(name: string, path: string, expectedPath: string): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const expected = readJson<ExpectedMean>(expectedPath);
    const blob = readBlobFile(path);
    const shape = blobShape(blob);
    const comparison = new Comparison();
    if (shape.join() !== expected.shape.join())
      comparison.addFault(`shape ${shape.join(' ')}, not ${expected.shape.join(' ')}`);
    const values = Float64Array.from(blobValues(blob));
    const size = values.length / expected.channel_means.length;
    const means = expected.channel_means.map(
      (_, c) => values.subarray(c * size, (c + 1) * size).reduce((a, b) => a + b, 0) / size,
    );
    comparison.add('channel means', relativeError(means, expected.channel_means), 1e-6);
    const { first = [], last = [] } = expected;
    comparison.add('first values', relativeError(values.subarray(0, first.length), first), 0);
    comparison.add('last values', relativeError(values.subarray(values.length - last.length), last), 0);
    return outcomeOf(name, comparison);
  });
}

/** Reads a file by its ending and gives its blobs. */
function readAny(path: string) {
  if (path.endsWith('.binaryproto')) return [readBlobFile(path)];
  if (path.endsWith('.solverstate')) return decode('SolverState', readFileSync(path), { file: path }).history;
  if (path.endsWith('.prototxt')) {
    parseText('NetParameter', readFileSync(path, 'utf8'), { file: path });
    return [];
  }
  return readWeightsFile(path).layer.flatMap(({ blobs }) => blobs);
}
