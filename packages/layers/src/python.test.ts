import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReferenceBackend } from '@jacinto/core-tensor/testing';
import { LayerRegistry, Net } from '@jacinto/net';
import { readNet } from '@jacinto/proto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { standardLayers } from './list.ts';
import { PythonLayer } from './python.ts';
import { errorOf, topOf, values } from './testing/layer-testing.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'python-'));
});
afterAll(() => rm(folder, { recursive: true }));

const module = new URL('./testing/python-layers.mjs', import.meta.url).pathname;

describe('Python', () => {
  test('runs a class of a module, with or without its ending', async () => {
    const each = { bottoms: [[2]], values: values([1, 2]) };
    for (const path of [module, module.replace('.mjs', '')]) {
      const param = `module: "${path}" layer: "Multiply" param_str: "3"`;
      expect(await topOf(PythonLayer, { ...each, param })).toEqual([3, 6]);
    }
  });

  test('is found from the folder of the prototxt, dots standing for folders, and learns in a net', async () => {
    const net = await Net.create(
      readNet(`
        layer { name: "x" type: "DummyData" top: "x" dummy_data_param { shape { dim: 2 } data_filler { value: 3 } } }
        layer { name: "p" type: "Python" bottom: "x" top: "y" python_param { module: "testing.python-layers" layer: "Learned" } }
        layer { name: "l" type: "EuclideanLoss" bottom: "y" bottom: "x" }`),
      {
        backend: createReferenceBackend(),
        registry: new LayerRegistry(standardLayers),
        phase: 0,
        baseFolder: new URL('.', import.meta.url).pathname,
      },
    );
    await net.forward();
    net.clearParamDiffs();
    await net.backward();
    expect([...net.layer('p').layer.blobs[0]!.diff.hostRead()]).toEqual([9]);
    await net.dispose();
  });

  test('says what is missing', async () => {
    const failing = (param: string) => errorOf(PythonLayer, { bottoms: [[1]], param });
    expect(await failing('layer: "X"')).toBe(
      'layer "test" (Python): python_param.module is missing; name a JavaScript module',
    );
    expect(await failing(`module: "${module}"`)).toContain('python_param.layer is missing; name a class that');
    expect(await failing(`module: "${module}" layer: "Multipy"`)).toContain(
      'python_param.layer "Multipy" is not known; did you mean "Multiply"?',
    );
    expect(await failing(`module: "${module}" layer: "notALayer"`)).toContain(
      'what it exports as notALayer is no layer class; let it extend Layer',
    );
    expect(await failing(`module: "${folder}/pyloss" layer: "X"`)).toContain(
      `python_param.module is "${folder}/pyloss", but there is no file ${folder}/pyloss.mjs and no such package; ` +
        'write the layer in JavaScript: Python itself cannot run here',
    );
    expect(await failing('module: "pyloss" layer: "X"')).toContain('and no such package');
    const broken = join(folder, 'broken.mjs');
    await writeFile(broken, 'export class {');
    expect(await failing(`module: "${broken}" layer: "X"`)).toContain(
      'broken.mjs: layer "test" (Python): does not load',
    );
  });

  test('passes on what the class refuses', async () => {
    expect(
      await errorOf(PythonLayer, { bottoms: [[1]], param: `module: "${module}" layer: "Multiply" param_str: "x"` }),
    ).toBe('layer "test" (Python): python_param.param_str is "x"; give a number above 0');
    expect(
      await errorOf(PythonLayer, {
        bottoms: [[1], [1]],
        param: `module: "${module}" layer: "Multiply" param_str: "2"`,
      }),
    ).toContain('has 2 bottoms, takes 1 bottom');
  });
});
