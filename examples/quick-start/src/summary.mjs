import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { contactSheet, parseTestLog, parseTrainingLog, svgToPng, trainingChart } from '@jacinto/plot';
import { root } from './command.mjs';
import { predict } from './predict.mjs';
import { signs } from './signs.mjs';

/** Draws the curve and the sheet of answers; gives the lines to end with. */
export async function summarise({ folder, weights, testImages }) {
  const log = parseTrainingLog(readFileSync(join(folder, 'train.log'), 'utf8'));
  const test = parseTestLog(readFileSync(join(folder, 'test.log'), 'utf8'));
  const accuracy = test.outputs.find(({ name }) => name === 'accuracy').value;
  writeFileSync(join(folder, 'curve.png'), await svgToPng(trainingChart(log, 'Road signs: loss and test accuracy')));
  await writeSheet(folder, weights, testImages, accuracy);
  const shown = (name) => relative(process.cwd(), join(folder, name)) || '.';
  const first = log.train[0];
  const last = log.train.at(-1);
  return `
  accuracy    ${(100 * accuracy).toFixed(1)} % of ${testImages.length} pictures that it has never seen
  loss        ${first.loss.toFixed(3)} at the first batch, ${last.loss.toFixed(3)} at iteration ${last.iteration}
  curve       ${shown('curve.png')}
  answers     ${shown('answers.png')}
  snapshot    ${shown(relative(folder, weights))}
  logs        ${shown('train.log')}, ${shown('test.log')}

  What to try next: change train_test.prototxt or solver.prototxt in ${shown('')} and train again,
      cd ${shown('')} && ${caffe(folder)} train --solver solver.prototxt
  or see how long each layer takes,
      cd ${shown('')} && ${caffe(folder)} time --model train_test.prototxt --iterations 10
`;
}

/** How to call the caffe command from `folder`: by npx where npm has linked it. */
function caffe(folder) {
  if (existsSync(join(root, 'node_modules', '.bin', 'caffe'))) return 'npx caffe';
  return `node ${relative(folder, join(root, 'packages', 'caffe', 'dist', 'cli.js'))}`;
}

/** Forty test pictures with the net's answers; a red frame where it is wrong. */
async function writeSheet(folder, weights, testImages, accuracy) {
  const chosen = testImages.slice(0, 40);
  const files = chosen.map(({ file }) => join(folder, 'images', 'test', file));
  const answers = await predict(folder, weights, files);
  const tiles = answers.map(({ label }, i) => ({
    image: files[i],
    caption: signs[label].name,
    frame: label === chosen[i].label ? '#2b8a3e' : '#e03131',
  }));
  const title = `Unseen pictures and the net's answers (${(100 * accuracy).toFixed(1)} % right on all; red: wrong)`;
  writeFileSync(join(folder, 'answers.png'), await contactSheet(tiles, { title }));
}
