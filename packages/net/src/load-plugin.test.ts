import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadPlugin } from './load-plugin.ts';
import { tinyNet } from './testing/index.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'net-plugin-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A plug-in file with this text after the import of Layer. */
function plugin(name: string, text: string): string {
  const layer = pathToFileURL(join(import.meta.dirname, '../dist/layer.js')).href;
  writeFileSync(join(folder, name), `import { Layer } from ${JSON.stringify(layer)};\n${text}`);
  return `./${name}`;
}

const twice = (type: string) => `class ${type} extends Layer {
  static type = '${type}';
  reshape([bottom], [top]) { top.reshapeLike(bottom); }
  forward([bottom], [top]) {
    const x = bottom.data.hostRead();
    const y = top.data.hostWrite();
    for (let i = 0; i < y.length; i++) y[i] = 2 * x[i];
  }
}`;

describe('loadPlugin', () => {
  it.each([
    ['a default export', `export default ${twice('Twice')}`, ['Twice']],
    ['an array as default export', `${twice('A')}\n${twice('B')}\nexport default [A, B];`, ['A', 'B']],
    ['an export `layers`', `${twice('C')}\nexport const layers = [C];`, ['C']],
  ])('takes %s', async (name, text, types) => {
    const classes = await loadPlugin(plugin(`${name.replaceAll(/\W/g, '-')}.mjs`, text), folder);
    expect(classes.map(({ type }) => type)).toEqual(types);
  });

  it('gives layers that work in a net', async () => {
    const layers = await loadPlugin(plugin('works.mjs', `export default ${twice('Twice')}`), folder);
    const net = await tinyNet(
      `layer { name: "d" type: "Input" top: "x" input_param { shape { dim: 2 } } }
       layer { name: "t" type: "Twice" bottom: "x" top: "y" }`,
      { layers },
    );
    net.blob('x').data.hostWrite<Float32Array>().set([1, -3]);
    net.forward();
    expect(Array.from(net.blob('y').data.hostRead())).toEqual([2, -6]);
  });

  it.each([
    ['no exports', '', 'exports no layers; export the class as default, or an array of classes as `layers`'],
    ['an empty list', 'export default [];', 'exports no layers'],
    [
      'a number',
      'export default 5;',
      'exports a value of type number where a layer class should be; export the class itself',
    ],
    [
      'another class',
      'export default class Other {}',
      "class Other is no layer; let it extend Layer of '@jacinto/net'",
    ],
    [
      'a class without a type',
      'export default class Nameless extends Layer { reshape() {} forward() {} }',
      "class Nameless has no type; give it `static type = 'Nameless'`, its name in the prototxt",
    ],
    ['a fault in the file', 'throw new Error("oh no");', 'the plug-in does not load: oh no'],
    ['a syntax error', 'export default class {', 'the plug-in does not load: '],
  ])('refuses %s', async (name, text, message) => {
    const file = plugin(`bad-${name.replaceAll(' ', '-')}.mjs`, text);
    await expect(loadPlugin(file, folder)).rejects.toThrow(`${file}: ${message}`);
  });

  it('says what is missing', async () => {
    await expect(loadPlugin('./none.mjs', folder)).rejects.toThrow(
      './none.mjs: is not there; check the path of --plugin',
    );
    await expect(loadPlugin('no-such-package-here', folder)).rejects.toThrow(
      'there is no plug-in "no-such-package-here"; npm install no-such-package-here, or give a path as ./x.mjs',
    );
  });
});
