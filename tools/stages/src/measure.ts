import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createCpuBackend, createRegistry, Net } from '@jacinto/caffe';
import { type LayerWork, multiplyAccumulates } from '@jacinto/net';
import { parseTestLog, parseTrainingLog, type TrainingLog } from '@jacinto/plot/log';
import type { NetParameter } from '@jacinto/proto';
import { readNetFile, readWeightsFile } from '@jacinto/proto/node';
import { type ConvolutionWeights, convolutionsOf, type SparsityTable, sparsityTable } from '@jacinto/sparsity';
import { deployNet } from './deploy-net.ts';
import { secondsOf } from './log-time.ts';
import { type ModelSize, modelSize } from './model-size.ts';
import { logName, type Stage } from './stage.ts';

/** A net after a stage, in numbers. */
export interface Model extends ModelSize {
  /** Bytes of the .caffemodel. */
  file: number;
  convolutions: ConvolutionWeights[];
  sparsity: SparsityTable;
  /** Multiply-accumulates by layer, for one picture. */
  work: LayerWork[];
}

export interface StageResult {
  stage: Stage;
  /** What one would type for the whole stage, if it was not stopped in between. */
  command: string;
  seconds: number;
  /** On all test pictures; undefined for steps that do not test. */
  accuracy?: number;
  /** Of trainings. */
  log?: TrainingLog;
  /** "Checked: …", of a step that compares its net with the one before. */
  checked?: string;
  model?: Model;
}

export interface MeasureOptions {
  folder: string;
  /** The blob that holds it: "accuracy". */
  accuracy: string;
  /** C, H, W of a picture, as the net gets it. */
  shape: readonly [number, number, number];
}

/** Reads logs and weights of the stages that have ended, and counts. */
export async function measureStages(stages: readonly Stage[], options: MeasureOptions): Promise<StageResult[]> {
  const models = new Map<string, Promise<Model>>(); // several stages look at the same weights
  return Promise.all(
    stages.map(async (stage) => {
      const text = readFileSync(join(options.folder, stage.name, logName), 'utf8');
      const log = stage.training === undefined ? undefined : parseTrainingLog(text);
      const { model, weights } = stage.result ?? {};
      if (model !== undefined && weights !== undefined && !models.has(weights)) {
        models.set(weights, measureModel(join(options.folder, model), join(options.folder, weights), options.shape));
      }
      const outputs = log === undefined ? parseTestLog(text).outputs : (log.test.at(-1)?.outputs ?? []);
      return {
        ...{ stage, log, seconds: secondsOf(text), command: [stage.command, ...stage.args].join(' ') },
        accuracy: outputs.find(({ name }) => name === options.accuracy)?.value,
        checked: /\] (Checked: .*|OUTPUTS BEFORE .*)$/m.exec(text)?.[1],
        model: weights === undefined ? undefined : await models.get(weights),
      };
    }),
  );
}

async function measureModel(netFile: string, file: string, shape: MeasureOptions['shape']): Promise<Model> {
  const [net, weights] = [readNetFile(netFile), readWeightsFile(file)];
  const convolutions = convolutionsOf(net, weights);
  return {
    ...{ file: statSync(file).size, ...modelSize(weights), convolutions, sparsity: sparsityTable(convolutions) },
    work: await workOf(deployNet(net, shape), weights),
  };
}

async function workOf(net: NetParameter, weights: NetParameter): Promise<LayerWork[]> {
  const backend = await createCpuBackend({ threads: 1 });
  try {
    const built = await Net.create(net, { backend, registry: createRegistry() });
    built.copyTrainedFrom(weights);
    const work = await multiplyAccumulates(built.layers);
    await built.dispose();
    return work;
  } finally {
    await backend.dispose();
  }
}

/** Sums over the layers. */
export function totalWork({ work }: Pick<Model, 'work'>): { dense: number; left: number } {
  return work.reduce((sum, { dense, left }) => ({ dense: sum.dense + dense, left: sum.left + left }), {
    dense: 0,
    left: 0,
  });
}
