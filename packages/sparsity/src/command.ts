import { basename, extname, join, resolve } from 'node:path';
import { CaffeError } from '@jacinto/proto';
import { loadWeightsFile, readNetFile, writeFileAtomic, writeWeightsFile } from '@jacinto/proto/node';
import { type Arguments, help, parseArguments } from './arguments.ts';
import type { ConvolutionWeights } from './convolution.ts';
import { formatG } from './format-g.ts';
import { makeSparse, makeSparseBy } from './make-sparse.ts';
import { convolutionsOf, withConvolutions } from './model.ts';
import { sparsityPicture } from './picture.ts';
import { sparsityTable, tableLines } from './table.ts';

export interface World {
  print: (text: string) => void;
  printError: (text: string) => void;
}

/** The sparsity command; gives its exit status: 0, or 1 after an error, which is then printed. */
export async function runSparsity(args: readonly string[], world: World): Promise<number> {
  try {
    const parsed = parseArguments(args);
    if (parsed === 'help') world.print(help);
    else await sparsityOfFiles(parsed, world);
    return 0;
  } catch (error) {
    if (!(error instanceof CaffeError)) throw error;
    world.printError(`sparsity: ${error.message}\n`);
    return 1;
  }
}

async function sparsityOfFiles(args: Arguments, { print }: World): Promise<void> {
  const net = readNetFile(args.model);
  const weights = await loadWeightsFile(args.weights);
  const output = args.goal === undefined ? undefined : outputFile(args);
  const convolutions = withFile(args.weights, () => convolutionsOf(net, weights));
  if (args.goal !== undefined) print(withFile(args.model, () => makeZeros(convolutions, args, args.goal!)));
  const table = sparsityTable(convolutions);
  print(`${tableLines(table).join('\n')}\n`);
  if (args.svg !== undefined) {
    writeFileAtomic(args.svg, sparsityPicture(table, basename(args.weights)));
    print(`wrote ${args.svg}\n`);
  }
  if (output === undefined) return;
  writeWeightsFile(output, withConvolutions(weights, convolutions));
  print(`wrote ${output}\n`);
}

/** Makes zeros; gives what to say about it. */
function makeZeros(
  convolutions: readonly ConvolutionWeights[],
  args: Arguments,
  goal: NonNullable<Arguments['goal']>,
): string {
  const options = { ...args.caps, method: args.method, exclude: args.exclude };
  const say = (dense: readonly string[]): string => (dense.length === 0 ? '' : `dense: ${dense.join(', ')}\n`);
  if ('fractions' in goal) return say(makeSparseBy(convolutions, goal.fractions, options).dense);
  const { factor, reached, dense, table } = makeSparse(convolutions, goal.target, options);
  const found = `${formatG(table.sparsity, 3)} of the weights are 0, with the factor ${formatG(factor)}`;
  if (reached) return `${say(dense)}target ${goal.target} reached: ${found}\n`;
  const why =
    args.caps.maxRatio < 1 || args.caps.valueMax < Infinity ? 'caps and dense layers' : 'dense layers and the method';
  return `${say(dense)}target ${goal.target} NOT reached: ${found}; ${why} allow no more\n`;
}

/** @throws CaffeError where it is the file of the weights themselves. */
function outputFile({ weights, output }: Arguments): string {
  const file = output ?? join('.', `${basename(weights, extname(weights))}_sparse.caffemodel`);
  if (resolve(file) !== resolve(weights)) return file;
  throw new CaffeError({ code: 'usage', file, problem: 'would be overwritten', fix: 'give another --output' });
}

function withFile<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof CaffeError ? error.with({ file }) : error;
  }
}
