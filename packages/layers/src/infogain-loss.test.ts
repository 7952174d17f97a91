import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode, makeBlob } from '@jacinto/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InfogainLossLayer } from './infogain-loss.ts';
import { MultinomialLogisticLossLayer } from './multinomial-logistic-loss.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'infogain-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('InfogainLoss', () => {
  const probabilities = [0.5, 0.25, 0.25, 0.1, 0.7, 0.2];
  const identity = [1, 0, 0, 0, 1, 0, 0, 0, 1];
  const matrix = [2, 0, 1, 0, 3, 0, 0, 0, 1];
  const each = { bottoms: [[2, 3], [2], [3, 3]], values: values(probabilities, [0, 1], matrix) };
  const expected = -(2 * Math.log(0.5) + Math.log(0.25) + 3 * Math.log(0.7)) / 2;

  test('weights the logarithms by the row of the label', async () => {
    expect((await topOf(InfogainLossLayer, each))[0]).toBeCloseTo(expected, 5);
  });

  test('is the multinomial logistic loss for the identity', async () => {
    const plain = await topOf(MultinomialLogisticLossLayer, { bottoms: [[2, 3], [2]], values: each.values });
    expect(await topOf(InfogainLossLayer, { ...each, values: values(probabilities, [0, 1], identity) })).toEqual(plain);
  });

  test('reads the matrix from a file', async () => {
    const file = join(folder, 'h.binaryproto');
    await writeFile(file, encode('BlobProto', makeBlob([1, 1, 3, 3], Float32Array.from(matrix))));
    const fromFile = { bottoms: [[2, 3], [2]], values: each.values, param: `source: "${file}"` };
    expect((await topOf(InfogainLossLayer, fromFile))[0]).toBeCloseTo(expected, 5);
    expect(await errorOf(InfogainLossLayer, { ...fromFile, bottoms: [[2, 4], [2]] })).toContain(
      `the matrix H (${file}) has the shape 1 1 3 3, but there are 4 classes; give it as 4 x 4`,
    );
  });

  test('refuses a missing matrix, file, or one of another size', async () => {
    const without = { bottoms: [[2, 3], [2]] };
    expect(await errorOf(InfogainLossLayer, without)).toBe(
      'layer "test" (InfogainLoss): infogain_loss_param.source is missing; name a file with the matrix H, or give it as bottom[2]',
    );
    expect(await errorOf(InfogainLossLayer, { ...without, param: 'source: "/nowhere/h"' })).toContain('/nowhere/h: ');
    const empty = join(folder, 'empty.binaryproto');
    await writeFile(empty, '');
    expect(await errorOf(InfogainLossLayer, { ...without, param: `source: "${empty}"` })).toContain('the matrix H (');
    expect(await errorOf(InfogainLossLayer, { ...each, bottoms: [[2, 3], [2], [3, 4]] })).toContain(
      'the matrix H (bottom[2]) has the shape 3 4, but there are 3 classes; give it as 3 x 3',
    );
  });
});
