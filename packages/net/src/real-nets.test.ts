import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { create, decode, type NetParameter, Phase, printText, readNet } from '@jacinto/proto';
import { describe, expect, it } from 'vitest';
import { backwardNeed } from './backward-need.ts';
import { connect } from './connect.ts';
import { filterNet } from './filter.ts';
import { insertSplits } from './insert-splits.ts';
import { inheritFromNet } from './layer-types.ts';

// Nets as real Caffe built and saved them: caffemodels and logs beside the repository.
const shared = process.env['JACINTO_SHARED'] ?? fileURLToPath(new URL('../../../../shared', import.meta.url));
const golden = `${shared}/golden`;

/** The net of a prototxt as it stands before its layers are made. */
function built(file: string, phase: number): NetParameter {
  const split = insertSplits(
    filterNet(readNet(readFileSync(`${golden}/${file}`, 'utf8')), create('NetState', { phase })),
  );
  inheritFromNet(split, phase);
  return split;
}

const saved = (file: string): NetParameter => decode('NetParameter', readFileSync(`${golden}/${file}`));

/** What graph building decides about a layer. */
const graphOf = ({ layer }: NetParameter, types: boolean): string[] =>
  layer.map(({ name, type, bottom, top, phase, propagateDown, ...rest }) => {
    const { forwardType, backwardType, forwardMath, backwardMath } = rest;
    const message = create('LayerParameter', { name, type, bottom, top, phase, propagateDown });
    if (types) Object.assign(message, { forwardType, backwardType, forwardMath, backwardMath });
    return printText('LayerParameter', message);
  });

const trained = [
  ['BVLC', 'files/net.prototxt', 'files/solver_sgd/sgd_iter_20.caffemodel', 'files/solver_sgd/train.log'],
  ['SSD', 'ssdfiles/net.prototxt', 'ssdfiles/ssd_iter_30.caffemodel', 'ssdfiles/train.log'],
  ['caffe-jacinto', 'jacinto/sparse_train/net.prototxt', 'jacinto/sparse_train/sparse_short_iter_12.caffemodel', ''],
] as const;

describe.skipIf(!existsSync(golden))('nets that real Caffe built (skipped where shared/golden is absent)', () => {
  describe.each(trained)('%s', (fork, prototxt, model, log) => {
    it('the train net has the same layers, splits, bottoms and tops', () => {
      const types = fork === 'caffe-jacinto';
      expect(graphOf(built(prototxt, Phase.TRAIN), types)).toEqual(graphOf(saved(model), types));
    });

    it.skipIf(log === '')('the same layers need backward (caffe-jacinto does not log them)', () => {
      const need = backwardNeed(
        saved(model).layer.map(({ name, bottom, top, param, blobs, propagateDown, lossWeight }) => ({
          name,
          bottoms: bottom,
          tops: top,
          paramsNeed: blobs.map((_, i) => (param[i]?.lrMult ?? 1) !== 0),
          propagateDown,
          lossWeights: top.map((_, j) => lossWeight[j] ?? 0),
          allowForceBackward: () => true,
        })),
      );
      const names = saved(model).layer.map(({ name }) => name!);
      const lines = need
        .map(({ needsBackward }, i) => `${names[i]} ${needsBackward ? 'needs' : 'does not need'} backward computation.`)
        .reverse();
      const logged = readFileSync(`${golden}/${log}`, 'utf8')
        .split('\n')
        .map((line) => line.replace(/^[^\]]*\] /, ''))
        .filter((line) => line.endsWith('backward computation.'));
      expect(lines).toEqual(logged.slice(0, lines.length));
    });
  });

  it('a test net of caffe-jacinto has the same splits and types', () => {
    const file = 'jacinto/sparse_train/test_quantize_out.prototxt';
    const theirs = readNet(readFileSync(`${golden}/${file}`, 'utf8'));
    expect(graphOf(built('jacinto/sparse_train/test_quantize.prototxt', Phase.TEST), true)).toEqual(
      graphOf(theirs, true),
    );
    expect(connect(theirs.layer).outputs).toEqual(['accuracy', 'loss']);
  });
});
