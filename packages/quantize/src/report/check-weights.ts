import { blobShape, checkWeightsShape, type NetParameter } from '@jacinto/proto';
import { addingFacts, CaffeError, nearest } from '@jacinto/proto/errors';
import { hasWeights } from '../layer-types.ts';
import { runsInTest } from './feed.ts';

/**
 * Caffe leaves layers that the file does not name at their random start, which would be measured as if it were a model.
 * @throws CaffeError for the first layer whose weights are quantized but not in the file ('missing'), or of another
 * shape ('bad-shape').
 */
export function checkWeights(param: NetParameter, weights: NetParameter, file?: string): void {
  const stored = new Map(
    weights.layer.filter(({ blobs }) => blobs.length > 0).map(({ name = '', blobs }) => [name, blobs[0]!]),
  );
  const known = [...stored.keys()];
  for (const layer of param.layer) {
    const { name = '', type = '' } = layer;
    if (!hasWeights(type) || !runsInTest(layer)) continue;
    const blob = stored.get(name);
    if (blob !== undefined) {
      addingFacts({ file }, () => checkWeightsShape(layer, blobShape(blob)));
      continue;
    }
    const near = nearest(name, known);
    throw new CaffeError({
      ...{ code: 'missing', file, layer: name, layerType: type },
      problem: 'the file has no weights for it',
      fix:
        near === undefined
          ? 'give the weights of this net'
          : `give the weights of this net (nearest name there: "${near}")`,
    });
  }
}
