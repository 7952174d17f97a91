import type { Group } from 'h5wasm';
import { CaffeError } from '../errors/index.ts';
import type { BlobProto, LayerParameter, NetParameter } from '../generated/messages.ts';
import { create } from '../messages/message.ts';
import { readBlob, writeBlob } from './blobs.ts';
import { groupAt, isDataset, isGroup, readMemoryFile, writeMemoryFile } from './memory-file.ts';

/**
 * Weights as HDF5, in Caffe's layout (Net::ToHDF5): group `data` / layer name / "0", "1", …; a group for every layer,
 * with `diff` a second tree of gradients. A '/' in a layer's name makes nested groups: `data/conv1a/bn/0` is blob 0 of
 * layer "conv1a/bn", whether there is a layer "conv1a" or not (Caffe itself cannot write such names).
 */
export function writeWeightsHdf5(net: NetParameter, { diff = false } = {}): Promise<Uint8Array> {
  return writeMemoryFile((file) => {
    for (const part of diff ? (['data', 'diff'] as const) : (['data'] as const)) {
      const root = file.create_group(part)!;
      for (const layer of net.layer) {
        const group = groupAt(root, layer.name ?? '');
        layer.blobs.forEach((blob, i) => {
          writeBlob(group, String(i), blob, part);
        });
      }
    }
  });
}

/**
 * Reads weights of HDF5 form: layers that have blobs, by name; nothing else of a net is in the file.
 * @throws CaffeError 'bad-file' for a file that is no HDF5, has no group `data`, or lacks a blob before another.
 */
export function readWeightsHdf5(bytes: Uint8Array, { file }: { file?: string } = {}): Promise<NetParameter> {
  return readMemoryFile(bytes, file, (root) => {
    const data = root.keys().includes('data') ? root.get('data') : undefined;
    if (!isGroup(data)) {
      throw new CaffeError({
        code: 'bad-file',
        file,
        problem: 'has no group "data": it holds no weights',
        fix: 'give the .caffemodel.h5 of a snapshot',
      });
    }
    const layers: LayerParameter[] = [];
    collect(data, '', layers, file);
    return create('NetParameter', { layer: layers });
  });
}

/** Goes down the groups: datasets named by numbers are blobs of the layer that the path names. */
function collect(group: Group, name: string, layers: LayerParameter[], file: string | undefined): void {
  const keys = group.keys();
  const blobs = new Map<number, BlobProto>();
  for (const key of keys) {
    const entry = group.get(key);
    if (isDataset(entry) && /^\d+$/.test(key)) blobs.set(Number(key), readBlob(entry, `data/${name}/${key}`));
  }
  if (blobs.size > 0) {
    const list = Array.from({ length: blobs.size }, (_, i) => {
      const blob = blobs.get(i);
      if (blob !== undefined) return blob;
      throw new CaffeError({
        code: 'bad-file',
        file,
        problem: `"data/${name}" lacks blob ${i}, which another layer shares`,
        fix: 'write the weights in binary form (snapshot_format: BINARYPROTO)',
      });
    });
    layers.push(create('LayerParameter', { name, blobs: list }));
  }
  for (const key of keys) {
    const entry = group.get(key);
    if (isGroup(entry)) collect(entry, name === '' ? key : `${name}/${key}`, layers, file);
  }
}
