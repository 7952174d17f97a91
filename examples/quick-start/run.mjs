import { join } from 'node:path';
import { root, runCommand } from './src/command.mjs';
import { readOptions, usage } from './src/options.mjs';
import { prepareFolder } from './src/prepare-folder.mjs';
import { createProgress } from './src/progress.mjs';
import { summarise } from './src/summary.mjs';
import { writeImages } from './src/write-images.mjs';

// Draws road signs, makes databases, trains a small net and tests it on unseen pictures, with the project's own
// commands: what is done here, a user does by hand in the same way.

const progress = createProgress();
try {
  const options = readOptions(process.argv.slice(2), root);
  if (options.help) process.stdout.write(usage);
  else await run(options);
} catch (error) {
  progress.close();
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function run({ images, iterations, out: folder }) {
  const count = { train: images, test: Math.max(50, Math.floor(images / 4)) };
  const maxIter = prepareFolder(folder, { iterations, testImages: count.test });

  progress.step(`drawing ${count.train} pictures to train on and ${count.test} to test with, ten kinds of road signs`);
  const drawn = {};
  let before = 0;
  for (const [part, seed] of [
    ['train', 1],
    ['test', 2],
  ]) {
    drawn[part] = await writeImages({
      ...{ folder: join(folder, 'images', part), list: join(folder, `${part}.txt`), count: count[part], seed },
      onProgress: (done) => progress.update(before + done, count.train + count.test),
    });
    before += count[part];
  }

  for (const part of ['train', 'test']) {
    const args = [...(part === 'train' ? ['--shuffle'] : []), `images/${part}/`, `${part}.txt`, `${part}_lmdb`];
    progress.step(`convert_imageset ${args.join(' ')}`);
    await runCommand({
      package: '@jacinto/caffe-tools',
      command: 'convert_imageset',
      args,
      folder,
      log: `convert_${part}.log`,
    });
  }

  progress.step('caffe train --solver solver.prototxt');
  await train(folder, maxIter);

  const weights = `snapshots/signs_iter_${maxIter}.caffemodel`;
  const batches = String(Math.ceil(count.test / 50));
  const args = ['test', '--model', 'train_test.prototxt', '--weights', weights, '--iterations', batches];
  progress.step(`caffe ${args.join(' ')}`);
  await runCommand({ package: '@jacinto/caffe', command: 'caffe', args, folder, log: 'test.log' });

  const summary = await summarise({ folder, weights: join(folder, weights), testImages: drawn.test });
  progress.step('done');
  process.stdout.write(summary);
}

async function train(folder, maxIter) {
  let accuracy = '';
  await runCommand({
    ...{
      package: '@jacinto/caffe',
      command: 'caffe',
      args: ['train', '--solver', 'solver.prototxt'],
      folder,
      log: 'train.log',
    },
    onLine(line) {
      const tested = /Test net output #\d+: accuracy = (\S+)/.exec(line);
      if (tested !== null) accuracy = `, test accuracy ${Number(tested[1]).toFixed(3)}`;
      const trained = /Iteration (\d+) \(.*loss = (\S+)/.exec(line);
      if (trained !== null) {
        const [, iteration, loss] = trained;
        progress.update(
          Number(iteration),
          maxIter,
          `iteration ${iteration} of ${maxIter}, loss ${Number(loss).toFixed(3)}${accuracy}`,
        );
      }
    },
  });
  progress.update(maxIter, maxIter, `trained${accuracy}`);
}
