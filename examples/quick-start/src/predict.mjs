import { join } from 'node:path';
import { create, createCpuBackend, createRegistry, filterNet, Net, Phase, planesOf, readImage } from '@jacinto/caffe';
import { readNetFile, readWeightsFile, writeTextMessageFile } from '@jacinto/proto/node';
import { side } from './scene.mjs';

/**
 * Makes a net for use out of the one for training: the data layer becomes an input, losses go, a softmax gives
 * probabilities. Writes it as deploy.prototxt.
 */
function deployNet(folder) {
  const net = filterNet(readNetFile(join(folder, 'train_test.prototxt')), create('NetState', { phase: Phase.TEST }));
  const input = create('LayerParameter', {
    name: 'data',
    type: 'Input',
    top: ['data'],
    inputParam: { shape: [{ dim: [1, 3, side, side] }] },
  });
  const body = net.layer.filter(({ type }) => !['Data', 'SoftmaxWithLoss', 'Accuracy'].includes(type));
  const softmax = create('LayerParameter', {
    name: 'prob',
    type: 'Softmax',
    bottom: [body.at(-1).top[0]],
    top: ['prob'],
  });
  const deploy = create('NetParameter', { name: `${net.name}_deploy`, layer: [input, ...body, softmax] });
  writeTextMessageFile('NetParameter', join(folder, 'deploy.prototxt'), deploy);
  return deploy;
}

/**
 * The net's answers for some pictures.
 * @param {string} folder holds train_test.prototxt
 * @param {string} weights path of a .caffemodel
 * @param {string[]} files paths of pictures of 32×32 pixels
 * @returns {Promise<{label: number, probability: number}[]>}
 */
export async function predict(folder, weights, files) {
  const backend = await createCpuBackend();
  const net = await Net.create(deployNet(folder), { backend, registry: createRegistry() });
  net.copyTrainedFrom(readWeightsFile(weights));
  const data = net.blob('data');
  data.reshape([files.length, 3, side, side]);
  const values = data.data.hostWrite();
  for (const [i, file] of files.entries()) values.set(planesOf(await readImage(file)), i * 3 * side * side);
  await net.forward();
  const prob = await net.blob('prob').data.read();
  const classes = prob.length / files.length;
  const answers = files.map((_, i) => {
    const own = prob.subarray(i * classes, (i + 1) * classes);
    const label = own.indexOf(Math.max(...own));
    return { label, probability: own[label] };
  });
  await net.dispose();
  await backend.dispose();
  return answers;
}
