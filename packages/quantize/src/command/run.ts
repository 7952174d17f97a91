import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { NetParameter } from '@jacinto/proto';
import { CaffeError, unknownName } from '@jacinto/proto/errors';
import { ioError, loadWeightsFile, readNetFile, writeFileAtomic, writeWeightsFile } from '@jacinto/proto/node';
import { type OutputModelPaths, outputModelPaths, outputModelText } from '../output-model.ts';
import { checkWeights } from '../report/check-weights.ts';
import { drawLayers } from '../report/draw.ts';
import { type FeedOptions, feedNet, feedsItself } from '../report/feed.ts';
import { listImages } from '../report/image-folder.ts';
import { type MeasureOptions, measure } from '../report/measure.ts';
import { quantizeWeights } from '../report/quantize-weights.ts';
import type { Runner } from '../report/runner.ts';
import { sweep } from '../report/sweep.ts';
import { integerTable, layerTable, scoreTable, sweepTable, weightTable } from '../report/table.ts';
import { type Flags, readFlags } from './flags.ts';
import { usageText } from './usage.ts';

/** What the command may use of the world. */
export interface World {
  args: readonly string[];
  /** Results. */
  stdout: (text: string) => void;
  /** Progress and warnings. */
  stderr: (text: string) => void;
  loadRunner: (options: { weightsFile: string; threads?: number }) => Promise<Runner>;
}

/** Runs the `quantize` command and gives its exit code: 0, or 1 after one line that says what is wrong. */
export async function runQuantize(world: World): Promise<number> {
  try {
    const flags = readFlags(world.args);
    if (flags === undefined) world.stdout(usageText);
    else await run(flags, world);
    return 0;
  } catch (error) {
    if (!(error instanceof CaffeError)) throw error;
    world.stderr(`quantize: ${error.message}\n`);
    return 1;
  }
}

async function run(flags: Flags, world: World): Promise<void> {
  const paths = flags.outputModel === undefined ? undefined : outputModelPaths(flags.outputModel);
  for (const path of [paths?.prototxt, paths?.caffemodel, flags.draw]) if (path !== undefined) checkOutput(path, flags);
  const param = readModel(flags.model, world);
  checkIgnored(param, flags);
  const weights = await loadWeightsFile(flags.weights);
  checkWeights(param, weights, flags.weights);
  const given = flags.images ?? flags.lmdb;
  if (given === undefined && !flags.own) {
    const needs = flags.sweep !== undefined ? '--sweep' : flags.integers ? '--integers' : undefined;
    if (needs !== undefined) {
      const fix = 'give --images, --lmdb or --data';
      throw new CaffeError({ code: 'usage', problem: `${needs} needs pictures to run the net on`, fix });
    }
    weightsOnly(flags, param, weights, paths, world);
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), 'jacinto-quantize-'));
  let runner: Runner | undefined;
  try {
    const { net, labelled } = netWithPictures(flags, param, folder);
    runner = await world.loadRunner({ weightsFile: flags.weights, threads: flags.threads });
    await withPictures(flags, net, weights, { labelled, runner, paths, world });
  } catch (error) {
    // The list of a folder's pictures is ours, and gone by the time somebody reads this.
    const { facts } = error as Partial<CaffeError>;
    if (facts?.file?.startsWith(folder) !== true) throw error;
    throw new CaffeError({ ...facts, file: flags.images, line: undefined }, { cause: error });
  } finally {
    await runner?.dispose?.();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Said before a long run, not after it. @throws CaffeError where a file has no folder, or would overwrite an input. */
function checkOutput(path: string, { model, weights }: Flags): void {
  if ([model, weights].some((input) => resolve(input) === resolve(path))) {
    const facts = { code: 'usage', file: path, problem: 'would be overwritten' } as const;
    throw new CaffeError({ ...facts, fix: 'give another name' });
  }
  const folder = dirname(resolve(path));
  if (existsSync(folder)) return;
  throw new CaffeError({
    code: 'io',
    file: path,
    problem: `the folder ${folder} does not exist`,
    fix: 'make it first',
  });
}

/** @throws CaffeError 'unknown-name' for a layer to be ignored that the net does not have. */
function checkIgnored(param: NetParameter, { model, settings }: Flags): void {
  const names = param.layer.map(({ name = '' }) => name);
  const unknown = settings.ignoredLayerNames?.find((name) => !names.includes(name));
  if (unknown !== undefined) throw unknownName('--ignore', unknown, names).with({ file: model });
}

function readModel(file: string, { stderr }: World): NetParameter {
  return readNetFile(file, {
    onUpgrade: ({ notes }) => {
      for (const note of notes) stderr(`${file}: ${note}\n`);
    },
  });
}

function weightsOnly(
  { settings, rounding, weightsByChannel, draw, model }: Flags,
  param: NetParameter,
  weights: NetParameter,
  paths: OutputModelPaths | undefined,
  { stdout, stderr }: World,
): void {
  const { net, blobs } = quantizeWeights(weights, {
    settings: { ...param.netQuantizationParam, ...settings },
    rounding,
    byChannel: weightsByChannel,
  });
  if (blobs.length === 0) {
    throw new CaffeError({
      code: 'bad-value',
      file: model,
      problem: 'has no Convolution, InnerProduct or Deconvolution with weights: there is nothing to quantize',
    });
  }
  stdout(weightTable(blobs));
  stderr('weights only: give --images, --lmdb or --data to run the net (see --help)\n');
  if (draw !== undefined) writeFileAtomic(draw, drawLayers(`${model}: weights`, blobs));
  if (paths !== undefined) writeWeightsFile(paths.caffemodel, net);
}

interface Job {
  labelled: boolean;
  runner: Runner;
  paths: OutputModelPaths | undefined;
  world: World;
}

async function withPictures(flags: Flags, param: NetParameter, weights: NetParameter, job: Job): Promise<void> {
  const { labelled, runner, paths, world } = job;
  const options: MeasureOptions = {
    ...{ batches: flags.batches, settings: flags.settings, rounding: flags.rounding, labelled },
    ...{ rangeMethod: flags.rangeMethod, percentile: flags.percentile, weightsByChannel: flags.weightsByChannel },
    compat: flags.compat ? 'caffe-jacinto-0.17' : undefined,
    onEvent: (event) => {
      if (event.type === 'warning') world.stderr(`layer "${event.layer}": ${event.message}\n`);
    },
  };
  if (flags.sweep !== undefined) {
    const rows = await sweep(runner, param, weights, flags.sweep, options, ({ bits, option }, done, total) => {
      world.stderr(`${done}/${total}: ${bits} bits, ${option}\n`);
    });
    world.stdout(floatScores(rows[0]!.measured));
    world.stdout(sweepTable(rows));
    return;
  }
  const measured = await measure(runner, param, weights, { ...options, integers: flags.integers });
  world.stdout(`${layerTable(measured.layers)}\n${scoreTable(measured)}`);
  if (measured.integers !== undefined) world.stdout(`\n${integerTable(measured.integers)}`);
  if (flags.draw !== undefined) writeFileAtomic(flags.draw, drawLayers(flags.model, measured.layers));
  if (paths === undefined) return;
  writeFileAtomic(paths.prototxt, outputModelText(measured.saved));
  writeWeightsFile(paths.caffemodel, measured.saved);
}

function floatScores({ scores, floatBytes }: Awaited<ReturnType<typeof measure>>): string {
  const list = scores.map(({ name, exact }) => `${name} ${Number(exact.toPrecision(5))}`);
  return `float: ${[...list, `${floatBytes} bytes`].join(', ')}\n`;
}

/** The net that reads the pictures; whether their labels say something. */
function netWithPictures(flags: Flags, param: NetParameter, folder: string): { net: NetParameter; labelled: boolean } {
  const { batch, mean, scale } = flags;
  const fed = (source: FeedOptions['source'], labelled: boolean) => {
    return { net: feedNet(param, { source, batch, mean, scale }), labelled };
  };
  if (flags.lmdb !== undefined) {
    isFolder(flags.lmdb);
    return fed({ kind: 'lmdb', path: resolve(flags.lmdb) }, true);
  }
  if (flags.images === undefined) {
    if (feedsItself(param)) return { net: param, labelled: true };
    const fix = 'give --images or --lmdb';
    throw new CaffeError({ code: 'missing', file: flags.model, problem: 'has no data layer in phase TEST', fix });
  }
  if (!isFolder(flags.images)) return fed({ kind: 'list', path: resolve(flags.images) }, true);
  const { lines, classes } = listImages(flags.images);
  const list = join(folder, 'images.txt');
  writeFileSync(list, `${lines.join('\n')}\n`);
  return fed({ kind: 'list', path: list }, classes.length > 0);
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw ioError(error, path, 'read');
  }
}
