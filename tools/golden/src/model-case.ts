import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Net } from '@jacinto/net';
import { Phase } from '@jacinto/proto';
import { CaffeError } from '@jacinto/proto/errors';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { type CaseContext, missingReason, missingTypes } from './case-context.ts';
import { Comparison, relativeError } from './compare.ts';
import { outcomeFrom, outcomeOf } from './finish.ts';
import { missing, type Outcome } from './outcome.ts';
import { readFloats, readJson } from './recorded.ts';

interface ModelInput {
  blob: string;
  shape: number[];
  file: string;
}

/** By blob name. */
type ExpectedBlobs = Record<string, { shape: number[]; file: string; tolerance: number }>;

/**
 * Runs a real model: loads `folder`/deploy.prototxt and its weights, gives the input blob the recorded shape and values,
 * runs forward and compares each recorded blob with its own tolerance.
 * @param inputs folder with input.json and expected.json: `folder` itself or one within it
 */
export function runModelCase(
  folder: string,
  inputs: string,
  context: CaseContext,
  name = basename(inputs),
): Promise<Outcome> {
  return outcomeFrom(name, async () => {
    const param = readNetFile(join(folder, 'deploy.prototxt'));
    const reason = missingReason(missingTypes(param, Phase.TEST, context.registry));
    if (reason !== undefined) return missing(name, reason);
    const weights = weightsIn(folder);
    const { backend, registry } = context;
    const net = await Net.create(param, { backend, registry, phase: Phase.TEST, seed: 1, baseFolder: folder });
    try {
      net.copyTrainedFrom(readWeightsFile(weights), { file: weights });
      for (const input of inputsOf(inputs)) {
        const tensor = net.blob(input.blob);
        tensor.reshape(input.shape);
        tensor.data.hostWrite().set(readFloats(join(inputs, input.file)));
      }
      await net.forward();
      const comparison = new Comparison();
      for (const [blob, expected] of Object.entries(readJson<ExpectedBlobs>(join(inputs, 'expected.json')))) {
        const tensor = net.blob(blob);
        if (!sameShape(tensor.shape, expected.shape)) {
          comparison.addFault(`blob ${blob} has the shape ${tensor.shapeString()}, not ${expected.shape.join(' ')}`);
          continue;
        }
        const error = relativeError(await tensor.data.read(), readFloats(join(inputs, expected.file)));
        comparison.add(`blob ${blob}`, error, expected.tolerance);
      }
      return outcomeOf(name, comparison);
    } finally {
      await net.dispose();
    }
  });
}

/** One input, or a list of them. */
function inputsOf(folder: string): ModelInput[] {
  return [readJson<ModelInput | ModelInput[]>(join(folder, 'input.json'))].flat();
}

/** Equal but for trailing axes of length 1, which some programs drop (N,C and N,C,1,1). */
function sameShape(a: readonly number[], b: readonly number[]): boolean {
  const trimmed = (shape: readonly number[]) => {
    let end = shape.length;
    while (end > 0 && shape[end - 1] === 1) end--;
    return shape.slice(0, end).join();
  };
  return trimmed(a) === trimmed(b);
}

/** FOLDER/FOLDER.caffemodel, or the only one, or the first that is no snapshot of a training. */
function weightsIn(folder: string): string {
  const found = readdirSync(folder)
    .filter((file) => file.endsWith('.caffemodel'))
    .sort();
  const own = `${basename(folder)}.caffemodel`;
  const chosen = found.includes(own) ? own : (found.find((file) => !file.includes('iter_')) ?? found[0]);
  if (chosen === undefined)
    throw new CaffeError({ code: 'missing', file: folder, problem: 'there is no .caffemodel in it' });
  return join(folder, chosen);
}
