import { parseText } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { outputModelPaths, outputModelText } from './output-model.ts';

it.each([
  ['dir/net.caffemodel', 'dir/net'],
  ['/a/b.c/net', '/a/b.c/net'],
  ['net.x.prototxt', 'net.x'],
  ['C:\\models\\net.caffemodel', 'C:\\models\\net'],
  ['dir/.hidden', 'dir/.hidden'],
])('%s names %s', (argument, prefix) => {
  expect(outputModelPaths(argument)).toEqual({ prototxt: `${prefix}.prototxt`, caffemodel: `${prefix}.caffemodel` });
});

it('refuses a folder', () => {
  expect(() => outputModelPaths('dir/')).toThrow(
    '--output_model is "dir/", which names no file; use folder/prefix.caffemodel',
  );
});

it('writes no blobs, and leaves the message as it was', () => {
  const net = parseText(
    'NetParameter',
    'name: "n" layer { name: "a" blobs { shape { dim: 1 } data: 2 } } quantize: true',
  );
  const read = parseText('NetParameter', outputModelText(net));
  expect(read).toEqual(parseText('NetParameter', 'name: "n" layer { name: "a" } quantize: true'));
  expect(net.layer[0]!.blobs).toHaveLength(1);
});
