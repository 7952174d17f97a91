import { relative } from 'node:path';
import { createProgress, followLog, runStages, StageStopped } from '@jacinto/stages';
import { drawPictures } from './src/draw.mjs';
import { readOptions, usage } from './src/options.mjs';
import { net, prepareFolder } from './src/prepare-folder.mjs';
import { report } from './src/report.mjs';
import { stagesFor } from './src/stages.mjs';

// Draws road signs, trains a small net on them, makes it sparse, tests it with 8 bits and absorbs its batch norms, with
// the project's own commands: what is done here, a user does by hand in the same way. Run again, it goes on.

const progress = createProgress();
try {
  const options = readOptions(process.argv.slice(2));
  if (options.help) process.stdout.write(usage);
  else await run(options);
} catch (error) {
  progress.close();
  process.stderr.write(
    `${error.message}${error instanceof StageStopped ? '; the same command goes on from there' : ''}\n`,
  );
  process.exitCode = error instanceof StageStopped ? 130 : 1;
}

async function run({ images, iterations, out: folder, fresh }) {
  const counts = { train: images, test: Math.max(50, Math.floor(images / 4)) };
  const stages = stagesFor({ testImages: counts.test, iterations });
  const written = ['images', 'train.txt', 'test.txt', net, 'merged.prototxt', 'merged.caffemodel'];
  const names = [...written, ...stages.flatMap(({ name, writes }) => [name, ...(writes ? [writes] : [])])];
  prepareFolder(folder, { images, iterations, fresh, names });
  progress.step(`in ${relative(process.cwd(), folder) || '.'}:`);
  const testImages = await drawPictures(folder, counts, progress);
  const follow = followLog(progress);
  await runStages(stages, {
    folder,
    onStage: (stage, command) => progress.step(command ?? `${stage.title}: done already`),
    onLine: (stage, line) => follow(stage.training?.solver.maxIter, line),
  });
  progress.step('counting, drawing the report');
  process.stdout.write(await report(folder, stages, testImages));
}
