import { create } from '@jacinto/proto';
import { expect, it } from 'vitest';
import { dataNet, forwarded } from '../testing/data-net.ts';
import type { MemoryDataLayer } from './memory-data.ts';

const text = (batch: number, transform = '') =>
  `layer { name: "memory" type: "MemoryData" top: "data" top: "label" transform_param { ${transform} }
    memory_data_param { batch_size: ${batch} channels: 1 height: 1 width: 2 } }`;

async function made(batch = 2, transform = '') {
  const net = await dataNet(text(batch, transform));
  return { net, layer: net.layer('memory').layer as MemoryDataLayer };
}

it('hands out what reset gives it, batch by batch, round and round', async () => {
  const { net, layer } = await made();
  layer.reset(Float32Array.from([1, 2, 3, 4, 5, 6, 7, 8]), Float32Array.from([0, 1, 2, 3]));
  const seen = [await forwarded(net), await forwarded(net), await forwarded(net)];
  expect(seen.map(({ data }) => [...data!])).toEqual([
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [1, 2, 3, 4],
  ]);
  expect([...seen[1]!['label']!]).toEqual([2, 3]);
  layer.batchSize = 1;
  expect([...(await forwarded(net))['data']!]).toEqual([5, 6]);
  expect(net.blob('label').shape).toEqual([1]);
});

it('transforms datums and pictures', async () => {
  const { net, layer } = await made(1, 'scale: 2 mean_value: 1');
  await layer.addDatums([create('Datum', { channels: 1, height: 1, width: 2, data: Uint8Array.of(3, 5), label: 4 })]);
  expect(await forwarded(net)).toEqual({ data: Float32Array.of(4, 8), label: Float32Array.of(4) });
  await layer.addImages([{ channels: 1, height: 1, width: 2, data: Uint8Array.of(1, 2) }], [9]);
  expect(await forwarded(net)).toEqual({ data: Float32Array.of(0, 2), label: Float32Array.of(9) });
});

it('says what is wrong', async () => {
  const { net, layer } = await made();
  expect(() => net.forward()).toThrow('has no data; call reset, addDatums or addImages before forward');
  expect(() => layer.reset(new Float32Array(6), new Float32Array(3))).toThrow(
    'was given 3 records, no multiple of the batch size 2; add or leave out some',
  );
  expect(() => layer.reset(new Float32Array(5), new Float32Array(2))).toThrow(
    'was given 5 values for 2 records of 1×1×2',
  );
  const wide = create('Datum', { channels: 1, height: 1, width: 3, data: new Uint8Array(3) });
  await expect(layer.addDatums([wide, wide])).rejects.toThrow('was given a record of 1×1×3; the layer has 1×1×2');
  await expect(dataNet(text(0))).rejects.toThrow(
    'net.prototxt:1: layer "memory" (MemoryData): memory_data_param.batch_size is 0; give batch_size, channels, height and width, each 1 or more',
  );
});
