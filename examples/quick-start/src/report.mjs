import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { readNetFile, readWeightsFile, writeTextMessageFile } from '@jacinto/proto/node';
import { deployNet, findings, measureStages, predict, reportPage, resultsTable } from '@jacinto/stages';
import { side } from './scene.mjs';
import { signs } from './signs.mjs';

const shape = [3, side, side];

/** Counts, writes the net for use and report.html; gives the text to end with. */
export async function report(folder, stages, testImages) {
  const results = await measureStages(stages, { folder, accuracy: 'accuracy', shape });
  const deploy = deployNet(readNetFile(join(folder, 'merged.prototxt')), shape);
  writeTextMessageFile('NetParameter', join(folder, 'deploy.prototxt'), deploy);
  const page = await reportPage({
    title: 'Road signs: from a first training to a net for a small device',
    about: `A net with three convolutions learns ten kinds of road signs, drawn by this program: ${testImages.length} pictures were kept for testing. Then most of its weights become zero, the rest are rounded to 8 bits, and its batch norms are absorbed.`,
    ...{ results, pictures: await shownPictures(folder, deploy, testImages.slice(0, 40)) },
  });
  const file = join(folder, 'report.html');
  writeFileSync(file, page);
  return ending({ folder, file, results, testImages });
}

async function shownPictures(folder, deploy, chosen) {
  const files = chosen.map(({ file }) => join(folder, 'images', 'test', file));
  const answers = await predict(deploy, readWeightsFile(join(folder, 'merged.caffemodel')), files);
  return answers.map(({ label, probability }, i) => ({
    ...{ file: files[i], label: signs[chosen[i].label].name, answer: signs[label].name, probability },
  }));
}

function ending({ folder, file, results, testImages }) {
  const shown = relative(process.cwd(), folder) || '.';
  return `
${resultsTable(results)}
  accuracy: of ${testImages.length} pictures the net has never seen; MACs: multiply-accumulates a picture

${findings(results)
  .map((line) => `  - ${line}\n`)
  .join('')}
  Report: ${pathToFileURL(file).href}
  Logs, nets and weights of every stage: ${shown}

  What to try next: each command above works in ${shown}, with ${caffe(folder)} for caffe; change a prototxt
  there and run it again. How long does each layer take?
      cd ${shown} && ${caffe(folder)} time --model=train_test.prototxt --iterations=10
`;
}

/** How to call the caffe command from `folder`: by npx where npm has linked it. */
function caffe(folder) {
  const root = join(import.meta.dirname, '..', '..', '..');
  if (existsSync(join(root, 'node_modules', '.bin', 'caffe'))) return 'npx caffe';
  return `node ${relative(folder, join(root, 'packages', 'caffe', 'bin', 'caffe.js'))}`;
}
