import { addingFacts, CaffeError } from '@jacinto/proto';
import { loadWeightsFile, readNetFile } from '@jacinto/proto/node';
import { type Absorbed, absorbBatchNorm } from './absorb.ts';
import { type Arguments, help, parseArguments } from './arguments.ts';
import { compareOutputs, differenceText } from './compare.ts';
import { makeFolder, outputFiles, writeModel } from './files.ts';
import { reportText } from './report-text.ts';
import { findRunNet, type RunNet } from './run-net.ts';

export interface World {
  print: (text: string) => void;
  printError: (text: string) => void;
  /** Folder to look for packages in. */
  folder: string;
  /** How to run a net; default: found among the installed packages. */
  runNet?: RunNet;
}

/** The bn-absorb command; gives its exit status: 0, or 1 after an error, which is then printed. */
export async function runBnAbsorb(args: readonly string[], world: World): Promise<number> {
  try {
    const parsed = parseArguments(args);
    if (parsed === 'help') world.print(help);
    else await absorbFiles(parsed, world);
    return 0;
  } catch (error) {
    if (!isCaffeError(error)) throw error;
    world.printError(`bn-absorb: ${error.message}\n`);
    return 1;
  }
}

async function absorbFiles(args: Arguments, world: World): Promise<void> {
  const files = outputFiles(args.model, args.weights, args.folder);
  const net = readNetFile(args.model);
  const weights = await loadWeightsFile(args.weights);
  const absorbed = addingFacts({ file: args.weights }, () =>
    absorbBatchNorm(net, weights, { remove: args.remove, compat: args.compat ? 'caffe-jacinto-0.17' : undefined }),
  );
  for (const line of reportText(absorbed.report)) world.print(`${line}\n`);
  if (args.check) world.print(`${await check(absorbed, { net, weights }, args, world)}\n`);
  makeFolder(args.folder);
  writeModel(files, absorbed.net, absorbed.weights);
  world.print(`wrote ${files.prototxt} and ${files.caffemodel}\n`);
}

/** By name: the packages that run nets may have been loaded from another folder, with a CaffeError of their own. */
function isCaffeError(error: unknown): error is CaffeError {
  return (error as Error).name === 'CaffeError';
}

/** Runs the net before and after. @throws CaffeError where outputs differ by more than the tolerance, not under compat. */
async function check(
  absorbed: Absorbed,
  original: Pick<Absorbed, 'net' | 'weights'>,
  { tolerance, seed, compat }: Arguments,
  world: World,
): Promise<string> {
  const runNet = world.runNet ?? (await findRunNet(world.folder));
  if (runNet === undefined) {
    return 'not checked: nothing that runs nets is installed here; npm install @jacinto/caffe, then run this again';
  }
  let before: Awaited<ReturnType<RunNet>>;
  try {
    before = await runNet(original.net, original.weights, seed);
  } catch (error) {
    if (!isCaffeError(error) || error.facts.code === 'bad-shape') throw error;
    return `not checked: the net does not run here as it was: ${error.message}`;
  }
  const [name] = [...before].find(([, values]) => values.some((value) => !Number.isFinite(value))) ?? [];
  if (name !== undefined) return `not checked: the blob ${name} is NaN or infinite as it was`;
  const after = await runNet(absorbed.net, absorbed.weights, seed);
  const difference = compareOutputs(before, after);
  const { relative } = difference;
  if (difference.blobs === 0) return 'not checked: the net has no outputs';
  const text = differenceText(difference);
  if (relative <= tolerance) return `checked: ${text}`;
  if (compat) return `checked: OUTPUTS DIFFER, as caffe-jacinto 0.17's could: ${text}`;
  throw new CaffeError({
    code: 'internal',
    problem: `outputs before and after differ: ${text}, more than ${tolerance}; nothing was written`,
    fix: 'please report this net; --no-check writes it all the same',
  });
}
