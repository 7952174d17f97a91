import { createCpuBackend, createRegistry, Net, planesOf, readImage } from '@jacinto/caffe';
import type { NetParameter } from '@jacinto/proto';

export interface Answer {
  label: number;
  probability: number;
}

/**
 * A classifier's answers for some pictures: the most probable label of each.
 * @param net a net for use whose last layer gives probabilities (`deployNet`)
 * @param files pictures as large as its input
 */
export async function predict(net: NetParameter, weights: NetParameter, files: readonly string[]): Promise<Answer[]> {
  const backend = await createCpuBackend({ threads: 1 });
  const built = await Net.create(net, { backend, registry: createRegistry() });
  try {
    built.copyTrainedFrom(weights);
    const input = built.inputs[0]!.tensor;
    const [, ...shape] = input.shape;
    input.reshape([files.length, ...shape]);
    const size = shape.reduce((all, one) => all * one, 1);
    const values = input.data.hostWrite();
    for (const [i, file] of files.entries()) values.set(planesOf(await readImage(file)), i * size);
    await built.forward();
    const all = await built.layers.at(-1)!.tops[0]!.data.read();
    const classes = all.length / files.length;
    return files.map((_, i) => {
      const own = Array.from(all.subarray(i * classes, (i + 1) * classes));
      const probability = Math.max(...own);
      return { label: own.indexOf(probability), probability };
    });
  } finally {
    await built.dispose();
    await backend.dispose();
  }
}
